import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import { openRepository } from '../lib/archive/repository.ts';
import { encodeStaged } from '../lib/archive/staged-item.ts';
import type { Edit } from '../lib/git/trees.ts';
import { openStore } from '../lib/storage/open.ts';

/** 10,000 small objects into a pack, against `git fast-import` of the same files. */
const count = 10_000;
const files = Array.from({ length: count }, (_, n) =>
  Buffer.from(JSON.stringify({ n, hash: createHash('sha256').update(`${n}`).digest('hex') }, null, 2)),
);
const folder = await mkdtemp(join(tmpdir(), 'ago-bench-'));

const ours = await timed(async () => {
  const store = openStore(`file:${join(folder, 'ours.git')}`, { clock: systemClock });
  const repository = openRepository(store, { random: () => randomBytes(20).toString('hex'), clock: systemClock });
  await repository.prepare();
  // Staged as a run does it: one blob for each item of four files.
  const staged: string[] = [];
  const edits: Edit[] = [];
  for (let n = 0; n < count; n += 4) {
    const { bytes, oids } = encodeStaged({ n }, files.slice(n, n + 4));
    const name = `ago-backup/runs/r/staged/${n}`;
    await store.put(name, bytes);
    staged.push(name);
    oids.forEach((oid, each) => edits.push({ path: `content/${n}/${each}.json`, entry: { mode: '100644', oid } }));
  }
  const began = performance.now();
  const objects = repository.newObjects();
  const tree = await repository.applyEdits(objects, undefined, edits);
  await repository.publish({ base: undefined, tree, message: 'x\n', timeMs: 0, objects, staged });
  return (performance.now() - began) / 1000;
});

const theirs = await timed(async () => {
  const target = join(folder, 'theirs.git');
  await ended(spawn('git', ['init', '--quiet', '--bare', target]));
  const began = performance.now();
  const child = spawn('git', ['-C', target, 'fast-import', '--quiet'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.write('commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 1\nx\n');
  for (const [n, file] of files.entries())
    child.stdin.write(
      `M 100644 inline content/${n - (n % 4)}/${n % 4}.json\ndata ${file.length}\n${file.toString()}\n`,
    );
  child.stdin.end();
  await ended(child);
  return (performance.now() - began) / 1000;
});

console.log(
  `${count} objects: ours ${ours.inner.toString().slice(0, 4)} s for pack, trees, commit and branch (${ours.whole.toFixed(2)} s with staging), git fast-import ${theirs.inner.toFixed(2)} s, ratio ${(ours.inner / theirs.inner).toFixed(2)}`,
);
await rm(folder, { recursive: true, force: true });

async function timed(work: () => Promise<number>): Promise<{ inner: number; whole: number }> {
  const began = performance.now();
  const inner = await work();
  return { inner, whole: (performance.now() - began) / 1000 };
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  await once(child, 'close');
}
