import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { openRepository } from '../../lib/archive/repository.ts';
import type { Archive } from '../../lib/archive/archive.ts';
import { readHistory } from '../../lib/history/read-history.ts';
import { History, type Change, type HistoryCommit, type State } from '../../lib/history/history.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import type { Backup } from '../support/backup.ts';
import { countedNames, testClock } from '../archive/archive.ts';

/** The archive of a backup, opened anew, and its history. */
export async function historyOf({ store }: Pick<Backup, 'store'>): Promise<{ archive: Archive; history: History }> {
  const archive = openArchive(store);
  return { archive, history: await readHistory(archive) };
}

/** The archive in a folder. */
export function openArchive(path: string): Archive {
  const clock = testClock();
  const store = new DirectoryStore(path, { clock });
  return { store, repository: openRepository(store, { clock, random: countedNames('history') }) };
}

/** One run, then a day passes. */
export async function night({ run, clock }: Backup): Promise<string | null> {
  const { commit } = await run();
  clock.advance(86_400_000);
  return commit;
}

/** What a zip holds, by path, as another library reads it. */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes);
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  return files;
}

/** A history that a test makes up: what each commit did, from the first to the last, a day after the other. */
export function madeUp(...days: Record<string, Partial<State> | null>[]): History {
  const now = new Map<string, State>();
  const commits = days.map((day, n): HistoryCommit => {
    const changes = new Map<string, Change>();
    for (const [id, fields] of Object.entries(day)) {
      const before = now.get(id);
      const plain = { id, title: id, owner: 'ana', folder: 'None', type: 'PDF', size: 1, tree: `${id}${n}` };
      const after =
        fields === null ? undefined : { ...plain, path: `content/ana/None/PDF/${fields.title ?? id}`, ...fields };
      if (after === undefined) now.delete(id);
      else now.set(id, after);
      changes.set(id, { before, after });
    }
    const parents = n === 0 ? [] : [commitId(n - 1)];
    const time = Date.UTC(2026, 10, 1 + n, 2);
    return { oid: commitId(n), tree: '', parents, time, message: '', changes, unlike: new Map() };
  });
  return new History(commits.reverse());
}

/** The id of the n-th commit that `madeUp` makes. */
export const commitId = (n: number) => `${n}`.padStart(8, 'c').padEnd(40, '0');
