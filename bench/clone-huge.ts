import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeHugeArchive } from '../test/support/huge-archive.ts';
import { answerOurs, answerTheirs, listen } from './git-servers.ts';

/** A clone of an object of 2 GiB: seconds beside `git http-backend`, and what this process holds of it. */
const folder = await mkdtemp(join(tmpdir(), 'ago-bench-'));
await makeHugeArchive(folder, 'backup.git', 2049);
const [ours, theirs] = [await listen(answerOurs(join(folder, 'backup.git'))), await listen(answerTheirs(folder))];
const peak = () => (process.resourceUsage().maxRSS / 1024).toFixed(0);
const before = peak();
for (const [name, { url }] of Object.entries({ ours, theirs })) {
  const began = performance.now();
  await promisify(execFile)('git', ['clone', '--quiet', '--bare', url, join(folder, name)]);
  console.log(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (name === 'ours') console.log(`peak memory ${before} MiB before, ${peak()} MiB after`);
  await rm(join(folder, name), { recursive: true });
}
ours.close();
theirs.close();
await rm(folder, { recursive: true });
