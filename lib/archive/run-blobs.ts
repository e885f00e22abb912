import type { ExportFormat } from '../backup/formats.ts';
import { BackupError, isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';

const runs = 'ago-backup/runs/';

/** The blobs of one run: the one owner of their names. */
export function runBlobs(runId: string) {
  const folder = `${runs}${runId}/`;
  return {
    folder,
    record: `${runs}${runId}.json`,
    members: `${folder}members.json`,
    /** which checks of members count, page by page of a lane */
    accepted: (walk: string, page: number) => `${folder}accepted/${walk}/${page}.json`,
    allAcceptedOf: (walk: string) => `${folder}accepted/${walk}/`,
    allAccepted: `${folder}accepted/`,
    /** what the archive will say of the members */
    membersText: `${folder}members-text.json`,
    /** what saveOrganization found */
    organization: `${folder}organization.json`,
    /** one check of one member: where it stopped, what it came to, the items it found */
    checking: (check: string) => `${folder}checks/${check}/state.json`,
    checked: (check: string) => `${folder}checks/${check}/end.json`,
    found: (check: string, page: number) => `${folder}checks/${check}/found-${page}.jsonl`,
    work: (lane: number, page: number) => `${folder}work/${lane}/${page}.json`,
    /** is there once a lane has read this page */
    workBegun: (lane: number, page: number) => `${folder}work/${lane}/${page}.begun`,
    /** the export of an item that counts */
    exporting: (itemId: string, format: ExportFormat, again = false) =>
      `${folder}exporting/${itemId}/${format}${again ? ' again' : ''}.json`,
    /** what the service counted before this export of it */
    counted: (itemId: string, format: ExportFormat, again = false) =>
      `${folder}counted/${itemId}/${format}${again ? ' again' : ''}.json`,
    staged: (itemId: string) => `${folder}staged/${itemId}`,
    allStaged: `${folder}staged/`,
    failed: (what: string) => `${folder}failed/${what}.json`,
    allFailed: `${folder}failed/`,
    warned: (what: string) => `${folder}warned/${what}.json`,
    allWarned: `${folder}warned/`,
    /** warnings of what could not be read this time, so that the archive keeps what it has; no id holds a dot */
    kept: (what: string) => `${folder}warned/kept.${what}.json`,
    allKept: `${folder}warned/kept.`,
  };
}

/** Reads the name of a run's blob: which run, and whether it is its record or a staged item. */
export function readRunBlob(name: string): { runId: string; kind: 'record' | 'staged' | 'other' } | undefined {
  const found = /^ago-backup\/runs\/([0-9a-f-]{36})(\.json$|\/(staged\/)?)/.exec(name);
  if (!found?.[1]) return undefined;
  const kind = found[2] === '.json' ? 'record' : found[3] === undefined ? 'other' : 'staged';
  return { runId: found[1], kind };
}

/** Every blob of every run. */
export const allRuns = runs;

/** Writes a value as JSON, whatever was there. */
export async function writeJson(store: BlobStore, name: string, value: unknown): Promise<void> {
  await store.put(name, Buffer.from(JSON.stringify(value)));
}

/** Writes a value as JSON unless there is one: of several executions of a step the first counts. The value that counts. */
export async function writeFirst<T>(store: BlobStore, name: string, value: T): Promise<T> {
  const isFirst = (await store.put(name, Buffer.from(JSON.stringify(value)), { absent: true })) !== undefined;
  return isFirst ? value : needJson<T>(store, name);
}

/** Reads what `writeJson` wrote; undefined when it is not there. Throws STORE_DAMAGED when it is no JSON. */
export async function readJson<T>(store: BlobStore, name: string): Promise<T | undefined> {
  const blob = await store.get(name);
  if (blob === undefined) return undefined;
  try {
    return JSON.parse(blob.bytes.toString()) as T;
  } catch (cause) {
    throw new BackupError('STORE_DAMAGED', `${name} in ${store.address} is damaged.`, { cause });
  }
}

/** As `readJson`, for what is let alone when it is damaged: then it counts as not there. What it is, the caller checks. */
export async function findJson<T>(store: BlobStore, name: string): Promise<Partial<T> | undefined> {
  try {
    return (await readJson<Partial<T> | null>(store, name)) ?? undefined;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** As `readJson`, where a missing blob means that the store lost it. */
export async function needJson<T>(store: BlobStore, name: string): Promise<T> {
  const value = await readJson<T>(store, name);
  if (value === undefined) throw new BackupError('STORE_DAMAGED', `${name} is missing in ${store.address}.`);
  return value;
}

/** All values of these names, a few at a time, in their order. */
export async function* readAllJson<T>(
  store: BlobStore,
  names: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<{ name: string; value: T }> {
  for await (const group of chunks(names, 16)) {
    const values = await Promise.all(group.map((name) => needJson<T>(store, name)));
    for (const [n, value] of values.entries()) yield { name: group[n] ?? '', value };
  }
}

/** The names of a listing. */
export async function* namesOf(blobs: AsyncIterable<{ name: string }>): AsyncGenerator<string> {
  for await (const { name } of blobs) yield name;
}

/** Groups of at most `most`. */
export async function* chunks<T>(all: AsyncIterable<T> | Iterable<T>, most: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const each of all) {
    group.push(each);
    if (group.length === most) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
