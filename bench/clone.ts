import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answerOurs, answerTheirs, listen } from './git-servers.ts';

/** A clone, and the fetch of one night, over HTTP: ours beside `git http-backend` on the same archive of 21 packs. */
const [items, nights] = [2500, 20];
const folder = await mkdtemp(join(tmpdir(), 'ago-bench-'));
const path = join(folder, 'backup.git');
const run = promisify(execFile);
await run('git', ['init', '--quiet', '--bare', '-b', 'main', path]);
for (let night = 0; night <= nights; night++) await addNight(night);

const ours = await listen(answerOurs(path));
const theirs = await listen(answerTheirs(folder));
const spent: Record<string, number[]> = {};
for (let round = 0; round < 3; round++) {
  // A server that has seen nothing yet.
  const cold = await listen(answerOurs(path));
  await timed('ours, cold', () => clone(cold.url, `cold-${round}`));
  cold.close();
  await timed('ours, warm', () => clone(ours.url, `ours-${round}`));
  await timed('http-backend', () => clone(theirs.url, `theirs-${round}`));
}
await run('git', ['-C', join(folder, 'ours-0'), 'fsck', '--strict']);
await addNight(nights + 1);
for (let round = 0; round < 3; round++) {
  await timed('ours, one night', () => run('git', ['-C', join(folder, `ours-${round}`), 'fetch', '--quiet']));
  await timed('http-backend, one night', () => run('git', ['-C', join(folder, `theirs-${round}`), 'fetch', '--quiet']));
}
for (const [name, seconds] of Object.entries(spent))
  console.log(`${name}: ${seconds.map((each) => each.toFixed(2)).join(', ')} s`);
console.log(`peak memory of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
ours.close();
theirs.close();
await rm(folder, { recursive: true, force: true });

async function timed(name: string, act: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await act();
  (spent[name] ??= []).push((performance.now() - began) / 1000);
}

function clone(url: string, name: string): Promise<unknown> {
  return run('git', ['clone', '--quiet', '--bare', url, join(folder, name)]);
}

/** One pack a night, without deltas, as a run writes it. */
async function addNight(night: number): Promise<void> {
  const arguments_ = ['-C', path, '-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--depth=0'];
  const child = spawn('git', arguments_, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.write(`commit refs/heads/main\ncommitter a <a@b> ${1_700_000_000 + night * 86_400} +0000\ndata 1\nx\n`);
  if (night > 0) child.stdin.write('from refs/heads/main^0\n');
  for (let item = 0; item < items; item++) {
    if (night > 0 && item % 60 !== night) continue;
    for (const name of ['item', 'data', 'backup', 'sharing']) {
      const numbers = Array.from({ length: 20 }, (_, n) => ((item + 1) * 7919 * (n + night + 1)) % 1_000_003);
      const text = JSON.stringify({ item, name, night, numbers }, null, 1);
      child.stdin.write(
        `M 100644 inline content/u${item % 10}/None/T${item % 7}/I${item}/${name}.json\ndata ${text.length}\n${text}\n`,
      );
    }
  }
  child.stdin.end();
  await once(child, 'close');
  await run('git', ['-C', path, 'update-server-info']);
}
