import { z } from 'zod';
import { BackupError, isCode } from '../errors.ts';
import { claimIn, type Intent } from '../backup/export-intent.ts';
import type { Item } from '../backup/item.ts';
import { intentName } from './layout.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { memberFolder } from '../backup/names/paths.ts';
import { readJson, writeJson } from '../storage/json-blobs.ts';
import { readIndexOf } from './member-index.ts';
import { memberTrees } from './member-trees.ts';
import type { Archive } from './archive.ts';

/** Writes an intent down; before the export is started, and again when its item is known. */
export async function writeIntent(store: BlobStore, intent: Intent): Promise<void> {
  await writeJson(store, intentName(intent.name), intent);
}

const schema: z.ZodType<Intent> = z.object({
  name: z.string(),
  runId: z.string(),
  itemId: z.string(),
  owners: z.array(z.string()),
  after: z.number(),
  base: z.string().nullable(),
  exportItemId: z.string().optional(),
});

/** An intent that is open; undefined when its export was dealt with, or nobody here ever wrote it. Throws STORE_DAMAGED. */
export async function readIntent(store: BlobStore, name: string): Promise<Intent | undefined> {
  const found = await readJson<unknown>(store, intentName(name));
  if (found === undefined) return undefined;
  const intent = schema.safeParse(found).data;
  if (intent?.name === name) return intent;
  throw new BackupError('STORE_DAMAGED', `${intentName(name)} in ${store.address} is damaged.`);
}

/** The open intent that an item's title claims to belong to. One that is damaged gives no right to anything. */
export async function intentOf(store: BlobStore, { title }: Pick<Item, 'title'>): Promise<Intent | undefined> {
  const claim = claimIn(title);
  try {
    return claim === undefined ? undefined : await readIntent(store, claim);
  } catch (error) {
    if (isCode(error, 'STORE_DAMAGED')) return undefined;
    throw error;
  }
}

/** Nothing is left of the export in the portal. */
export async function closeIntent(store: BlobStore, { name }: Pick<Intent, 'name'>): Promise<void> {
  await store.delete(intentName(name));
}

/** Does any commit since the intent hold this item? Then it is somebody's. */
export async function isArchived(archive: Archive, intent: Intent, { id, owner }: Pick<Item, 'id' | 'owner'>) {
  const folders = new Set([owner, ...intent.owners].map(memberFolder));
  let at = await archive.repository.head();
  while (at !== undefined && at.commit !== intent.base) {
    const trees = await memberTrees(archive, at);
    for (const folder of folders) if (id in (await readIndexOf(archive, trees.get(folder) ?? null))) return true;
    at = await archive.repository.parent(at);
  }
  return false;
}
