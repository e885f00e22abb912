import { jsonIn } from '../backup/json.ts';
import { isCode } from '../errors.ts';
import type { Repository } from './repository.ts';

/**
 * What a JSON file of the archive holds; undefined when the file is damaged, or holds no JSON: verify finds that. Throws
 * STORE_… when the store does not answer.
 * @param oid of its blob
 */
export async function archivedJson(repository: Repository, oid: string): Promise<unknown> {
  try {
    return jsonIn((await repository.blob(oid)).toString());
  } catch (error) {
    if (isCode(error, 'STORE_DAMAGED')) return undefined;
    throw error;
  }
}
