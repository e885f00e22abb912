import type { ExportFormat } from '../../backup/formats.ts';
import { isCode } from '../../errors.ts';
import { allLists } from '../layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { readJson } from '../../storage/json-blobs.ts';

const runs = 'ago-backup/runs/';

/** The blobs of one run: the one owner of their names. */
export function runBlobs(runId: string) {
  const folder = `${runs}${runId}/`;
  return {
    folder,
    record: `${runs}${runId}.json`,
    /** what the run changed and left out, item by item; kept as long as the record */
    lists: `${allLists}${runId}.json`,
    members: `${folder}members.json`,
    /** which checks of members count, page by page of a lane */
    accepted: (walk: string, page: number) => `${folder}accepted/${walk}/${page}.json`,
    allAcceptedOf: (walk: string) => `${folder}accepted/${walk}/`,
    allAccepted: `${folder}accepted/`,
    /** what a dry run came to */
    dryRun: `${folder}dry-run.json`,
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
    /** is there once several items were begun of which this is the first */
    savingBegun: (itemId: string) => `${folder}saving/${itemId}.begun`,
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

/** As `readJson`, for what is let alone when it is damaged: then it counts as not there. What it is, the caller checks. */
export async function findJson<T>(store: BlobStore, name: string): Promise<Partial<T> | undefined> {
  try {
    return (await readJson<Partial<T> | null>(store, name)) ?? undefined;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}
