import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestBytes } from '../lib/archive/item-manifest.ts';
import { sha256 } from '../lib/archive/sha256.ts';
import type { Part } from '../lib/backup/item.ts';
import { systemClock } from '../lib/clock.ts';
import {
  branch,
  configName,
  configText,
  headName,
  headText,
  infoPacks,
  infoRefs,
  packsText,
} from '../lib/git/layout.ts';
import { encodeEntry, type ObjectType, type PackEntry } from '../lib/git/pack/pack-entry.ts';
import { writePack } from '../lib/git/pack/write-pack.ts';
import { encodeTree, type TreeEntry } from '../lib/git/tree-bytes.ts';
import type { BlobStore } from '../lib/storage/blob-store.ts';
import { openStore } from '../lib/storage/open.ts';
import { decodeState, encodeState } from '../lib/upkeep/verify/state-bytes.ts';
import type { State } from '../lib/upkeep/verify/state.ts';
import { Verification } from '../lib/upkeep/verify/verification.ts';
import { counting } from '../test/support/stores/counting.ts';

/** Verifying archives of 10,000 and of 100,000 items, made without a portal, in parts; each in a process of its own. `bench/verify-many.ts [items]` */
const [size, folder] = process.argv.slice(2);
const perMember = 500;
const perType = 4;
/** ms: parts shorter than those of functions, so that there are some */
const partLength = 20_000;

/** The objects of one commit with so many items, five files each. */
function* objectsOf(items: number): Generator<PackEntry & { type: ObjectType }> {
  const made: (PackEntry & { type: ObjectType })[] = [];
  const add = (type: ObjectType, bytes: Buffer) => {
    const entry = { type, ...encodeEntry(type, bytes) };
    made.push(entry);
    return entry.oid;
  };
  const tree = (entries: readonly [name: string, oid: string, type: 'blob' | 'tree'][]) =>
    add(
      'tree',
      encodeTree(
        entries.map(([name, oid, type]): TreeEntry => ({
          name,
          oid,
          type,
          mode: type === 'tree' ? '040000' : '100644',
        })),
      ),
    );
  const members: [string, string, 'tree'][] = [];
  for (let first = 0; first < items; first += perMember) {
    const types: [string, string, 'tree'][] = [];
    for (let n = first; n < first + perMember; n += perType) {
      const titles = Array.from({ length: perType }, (_, k): [string, string, 'tree'] => {
        const at = n + k;
        const id = sha256(Buffer.from(`${at}`)).slice(0, 32);
        const files = new Map<string, Buffer>(
          Object.entries({
            'item.json': JSON.stringify({ id, modified: at, description: sha256(Buffer.from(id)).repeat(8) }),
            'data.json': JSON.stringify({
              id,
              layers: Array.from({ length: 20 }, (_each, m) => `${id.slice(m)} ${m}`),
            }),
            'metadata.xml': `<metadata>${id.repeat(10)}</metadata>`,
          }).map(([name, text]) => [name, Buffer.from(text)]),
        );
        const parts = [...files].map(([path, bytes]): Part => ({
          path,
          role: 'data',
          size: bytes.length,
          sha256: sha256(bytes),
          lfs: false,
        }));
        const title = `Map ${at}`;
        const place = { owner: `member${first}`, folder: 'None', folderId: null, type: 'Web Map', title };
        const manifest = manifestBytes({ format: 1.1, id, ...place, stamp: `${at}`, notes: [], parts });
        files.set('backup.json', manifest).set('timestamp.txt', Buffer.from(`${at}`));
        return [title, tree([...files].map(([name, bytes]) => [name, add('blob', bytes), 'blob'])), 'tree'];
      });
      types.push([`Type ${n}`, tree(titles), 'tree']);
    }
    members.push([`member${first}`, tree([['None', tree(types), 'tree']]), 'tree']);
    yield* made.splice(0);
  }
  const root = tree([['content', tree(members), 'tree']]);
  const by = 'ago-backup <ago-backup@localhost> 1700000000 +0000';
  add('commit', Buffer.from(`tree ${root}\nauthor ${by}\ncommitter ${by}\n\nMany\n`));
  yield* made.splice(0);
}

async function makeArchive(store: BlobStore, items: number): Promise<void> {
  await store.create();
  const count = items * 6 + items / perType + (items / perMember) * 2 + 3;
  let commit = '';
  async function* entries() {
    for (const entry of objectsOf(items)) {
      if (entry.type === 'commit') commit = entry.oid;
      yield entry;
    }
    await Promise.resolve();
  }
  const name = '1'.repeat(40);
  await writePack(store, name, count, entries());
  const files = {
    [headName]: headText,
    [configName]: configText,
    [infoPacks]: packsText([name]),
    [branch]: `${commit}\n`,
  };
  for (const [file, text] of Object.entries({ ...files, [infoRefs]: `${commit}\t${branch}\n` }))
    await store.put(file, Buffer.from(text));
}

async function verifyAll(store: BlobStore): Promise<void> {
  const counted = counting(store);
  const began = performance.now();
  let state: State | undefined;
  let largest = 0;
  for (let parts = 1; ; parts++) {
    const verification = await Verification.open(counted.store, { share: { from: 0, to: 1 }, state });
    const begun = performance.now();
    const verdict = await verification.goOn({
      isOver: () => performance.now() - begun > partLength,
      tell: () => undefined,
    });
    if (verdict !== undefined) {
      const { user, system } = process.cpuUsage();
      console.log(
        `${verdict.items} items, ${verdict.trees} folders, ${verdict.files} files, ${verdict.findings.length} findings: ` +
          `${((performance.now() - began) / 1000).toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s, ${parts} parts, ` +
          `${counted.requests.total} store requests, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, ` +
          `at most ${(largest / 1024).toFixed(0)} KiB between two parts`,
      );
      return;
    }
    const bytes = encodeState(verification.state);
    largest = Math.max(largest, bytes.length);
    state = decodeState(bytes);
  }
}

if (folder !== undefined) await verifyAll(openStore(`file:${folder}`, { clock: systemClock }));
else
  for (const items of size === undefined ? [10_000, 100_000] : [Number(size)]) {
    const place = await mkdtemp(join(tmpdir(), 'ago-verify-'));
    try {
      await makeArchive(openStore(`file:${place}`, { clock: systemClock }), items);
      const flags = ['--max-semi-space-size=8', fileURLToPath(import.meta.url)];
      execFileSync(process.execPath, [...flags, `${items}`, place], { stdio: 'inherit' });
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
