import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Archive } from '../lib/archive/archive.ts';
import { openRepository } from '../lib/archive/repository.ts';
import { allHistory } from '../lib/archive/layout.ts';
import { systemClock } from '../lib/clock.ts';
import { diffItem } from '../lib/history/diff/diff.ts';
import { findItem } from '../lib/history/find-item.ts';
import { pastArchive, type PastArchive } from '../lib/history/held-archive.ts';
import { takeOut } from '../lib/history/get/take-out.ts';
import { openFolder } from '../lib/history/get/target-folder.ts';
import { updateIndex } from '../lib/history/index/update.ts';
import { listItems } from '../lib/history/list.ts';
import { logItem } from '../lib/history/log.ts';
import { readHistory } from '../lib/history/read-history.ts';
import { showItem } from '../lib/history/show.ts';
import { versionAt } from '../lib/history/version-at.ts';
import type { BlobStore } from '../lib/storage/blob-store.ts';
import { MemoryStore } from '../lib/storage/memory.ts';
import { openStore } from '../lib/storage/open.ts';
import { counting, watched } from '../test/support/stores/counting.ts';
import { addNight, historyArchive, idOf, titleOf } from '../test/support/history-archive.ts';

/**
 * What looking at a long history costs: 10,000 items, 1,000 commits of 200 changes, each command in a process of its own, from its
 * start, on a store that takes 20 ms a request. `node bench/history.ts [items commits changes]`
 */
const latency = 20;
const item = 5003;

const questions: Record<string, (store: BlobStore) => Promise<string>> = {
  'log ITEM': async (store) => {
    const { archive, history } = await open(store, pastArchive({ store }));
    const id = await findItem({ archive, history }, titleOf(item));
    const { versions } = await logItem(archive, history, id, { users: [], types: [], limit: 50 });
    return `${versions.length} versions`;
  },
  'ls TEXT': async (store) => {
    const { archive, history } = await open(store);
    const all = { users: [], folders: [], types: [], deleted: false };
    const { items } = await listItems(archive, history, { ...all, text: '500', at: latest, sort: 'path', limit: 50 });
    return `${items.length} items`;
  },
  'show ITEM': async (store) => {
    const { archive, history } = await open(store);
    const id = await findItem({ archive, history }, titleOf(10));
    const { usedBy } = await showItem(archive, history, versionAt(history, id, latest));
    return `used by ${usedBy.length}`;
  },
  'diff ITEM': async (store) => {
    const { archive, history } = await open(store);
    const [from, to] = [versionAt(history, idOf(item), { is: 'previous' }), versionAt(history, idOf(item), latest)];
    return `${(await diffItem(archive, from, to)).changes.length} changes`;
  },
  'get ITEM': async (store) => {
    const { archive, history } = await open(store);
    const folder = join(tmpdir(), `ago-bench-get-${process.pid}`);
    const target = await openFolder(folder, { overwrite: false, random: '0'.repeat(40) });
    const { bytes } = await takeOut(archive, [versionAt(history, idOf(item), latest)], target);
    await target.close();
    await rm(folder, { recursive: true });
    return `${bytes} bytes`;
  },
  'a night added': async (store) => {
    const over = overlay(store);
    await addNight(over, 200);
    const { store: counted, requests } = counting(over);
    await updateIndex({ store: counted });
    return `${requests.total} requests`;
  },
  'made again': async (store) => `${await updateIndex({ store: overlay(store, allHistory) })} commits`,
};
const latest = { is: 'latest' } as const;

async function open(
  store: BlobStore,
  archive: Archive & Partial<PastArchive> = {
    store,
    repository: openRepository(store, { random: () => '', clock: systemClock }),
  },
) {
  return { archive, history: await readHistory(archive) };
}

/** The archive itself is only read: what is written lies in memory over it. @param hidden what is not seen of it */
function overlay(store: BlobStore, hidden?: string): BlobStore {
  const over = new MemoryStore({ clock: systemClock });
  const isSeen = (name: string) => hidden === undefined || !name.startsWith(hidden);
  return {
    ...watched(over, (_call, run) => run()),
    get: async (name, range) => (await over.get(name, range)) ?? (isSeen(name) ? store.get(name, range) : undefined),
    stat: async (name) => (await over.stat(name)) ?? (isSeen(name) ? store.stat(name) : undefined),
    put: (name, bytes) => over.put(name, bytes),
    list: async function* (prefix) {
      yield* over.list(prefix);
      for await (const blob of store.list(prefix)) if (isSeen(blob.name)) yield blob;
    },
  };
}

const [address, question] = process.argv.slice(2);
if (address?.startsWith('file:') === true) {
  // A request that begins after another has ended may wait for it: so many are one after the other, at most.
  let deepest = 0;
  const slow = watched(openStore(address, { clock: systemClock }), async (_call, run) => {
    const depth = deepest + 1;
    await new Promise((end) => setTimeout(end, latency));
    return run().finally(() => (deepest = Math.max(deepest, depth)));
  });
  const { store, requests } = counting(slow);
  const said = await questions[question ?? '']?.(store);
  const cpu = process.cpuUsage();
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${question}: ${said}, ${(performance.now() / 1000).toFixed(2)} s, CPU ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s, ${requests.total} requests, ${deepest} of them one after the other, ${peak} MiB`,
  );
} else {
  const [items = 10_000, commits = 1000, changes = 200] = process.argv.slice(2).map(Number);
  const made = await historyArchive({ items, commits, changes }, (line) => console.error(line));
  for (const each of Object.keys(questions))
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), made, each], { stdio: 'inherit' });
}
