import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import yazl from 'yazl';
import { systemClock } from '../lib/clock.ts';
import type { Deps } from '../lib/run/deps.ts';
import { stagePart, withRoom } from '../lib/run/save/stage-part.ts';
import { DirectoryStore } from '../lib/storage/directory/directory.ts';

/**
 * A zip of 20 GiB, entries above 4 GiB among them, made by another program while it comes: staged, hashed and proved. What it needs of
 * memory must not be more than a small one's. `node --max-semi-space-size=8 bench/twenty-gib.ts`; not among the others: 20 GiB of disk for three minutes.
 */
const gib = 1024 ** 3;
const piece = randomBytes(1024 * 1024);
function* body(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

const zip = new yazl.ZipFile();
for (const [n, size] of [6, 9, 5].entries())
  zip.addReadStream(Readable.from(body(size * gib)), `large.gdb/a0000000${n + 1}.gdbtable`, { compress: false });
zip.end();

const folder = await mkdtemp(join(tmpdir(), 'ago-bench-'));
const store = new DirectoryStore(join(folder, 'backup.git'), { clock: systemClock });
const random = () => createHash('sha1').update(randomBytes(20)).digest('hex');
const deps = withRoom({ store, random, rules: { lfsThreshold: 1024 * 1024 } } as unknown as Deps);
const began = performance.now();
const { part, isWhole } = await stagePart(
  deps,
  'export',
  { body: zip.outputStream, most: Infinity },
  () => 'a.zip',
  'geodatabase',
);
const seconds = (performance.now() - began) / 1000;
const peak = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`${part.size} bytes, ${isWhole ? 'whole' : 'not proved'}, ${seconds.toFixed(0)} s, peak ${peak} MiB`);
if (isWhole !== true || peak > 256) process.exitCode = 1;
await rm(folder, { recursive: true });
