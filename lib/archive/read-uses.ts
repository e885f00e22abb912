import { jsonIn } from '../backup/json.ts';
import type { Part } from '../backup/item.ts';
import {
  allNamed,
  forwardOnly,
  isText,
  mostNamingBytes,
  namedIn,
  namingForm,
  ownService,
  type Named,
} from '../backup/uses.ts';
import { formTexts } from './form-texts.ts';

/** An item, as far as what it names is concerned. */
export interface Naming {
  id: string;
  type: string;
  parts: readonly Part[];
  /** of the portal's record; undefined where that is not known */
  record: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What an item's record, data, resources and relations name, without itself. What is damaged names nothing.
 * @param bytesOf the bytes of a part, also of a Git LFS object; undefined when they are missing or damaged
 */
export async function readNamed(
  { id, type, parts, record }: Naming,
  bytesOf: (part: Part) => Promise<Buffer | undefined>,
): Promise<Named> {
  const texts: Named[] = [];
  for (const part of parts) {
    const form = namingForm(type, part);
    const bytes = form && (await bytesOf(part));
    if (bytes === undefined) continue;
    const all =
      form === 'form' ? await formTexts(bytes, { isText, mostBytes: mostNamingBytes }) : [textOf(part, bytes)];
    texts.push(...all.map(namedIn));
  }
  // Who only points to the service of another item uses that.
  const keywords = record?.['typeKeywords'];
  const isHost = Array.isArray(keywords) && keywords.includes('Hosted Service');
  return allNamed({ id, service: isHost ? ownService(record?.['url']) : undefined }, texts);
}

function textOf({ role }: Part, bytes: Buffer): string {
  const text = bytes.toString();
  if (role === 'related') return JSON.stringify(forwardOnly(jsonIn(text)));
  return role === 'record' ? JSON.stringify(withoutFolder(jsonIn(text))) : text;
}

/** The id of a folder is no item's. */
function withoutFolder(record: unknown): unknown {
  return { ...(typeof record === 'object' && record), ownerFolder: null };
}
