import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/**
 * A large export, from the first question for it until it is durable, hashed and each entry proved in the archive, against the same by hand, one after the other, from the
 * same server onto the same disk. `node bench/main.ts fair-race [GiB] [rounds]`
 */
const [gib = '1', rounds = '3'] = process.argv.slice(2);
const exportBytes = Math.min(Number(gib) * 1024 ** 3, 2 ** 32 - 2 ** 20);
const portal = await forkPortal({ members: 1, items: 0, exportBytes });
const run = promisify(execFile);
const file = join(tmpdir(), 'ago-bench-race');

/** Seconds of each step. */
async function byHand(): Promise<number[]> {
  const seconds: number[] = [];
  for (const [command, ...args] of [
    ['curl', '--silent', '--output', file, `${portal.env['DOWNLOAD_URL']}`],
    ['sync', file],
    ['sha256sum', file],
    ['unzip', '-tqq', file],
  ]) {
    const began = performance.now();
    await run(command ?? '', args);
    seconds.push((performance.now() - began) / 1000);
  }
  await rm(file);
  return seconds;
}

const ratios: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const steps = await byHand();
  const hand = steps.reduce((a, b) => a + b);
  const place = await newPlace(portal.env);
  // The rest of the run is waiting for the portal to prepare it.
  const { record, longestItem: seconds, cpuSeconds, peakMemory } = await place.run();
  await place.close();
  ratios.push(seconds / hand);
  const told = steps.map((each) => each.toFixed(1)).join(' + ');
  console.log(
    `${(record.bytes / 1e6).toFixed(0)} MB: by hand ${hand.toFixed(1)} s (curl, sync, sha256sum, unzip: ${told}); backup ${record.outcome} ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, peak ${peakMemory} MiB; ${(seconds / hand).toFixed(2)} of the time`,
  );
  if (record.outcome !== 'complete' || peakMemory > 256) process.exitCode = 1;
}
const sorted = ratios.sort((a, b) => a - b);
console.log(`median ${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(2)} of the time by hand, wanted 0.5`);
await portal.close();
