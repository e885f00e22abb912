import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** A 2 GiB export, against curl writing the same bytes to a file from the same server, and sha256sum of that file. */
const exportBytes = 2 * 1024 ** 3;
const portal = await forkPortal({ members: 1, items: 0, exportBytes });
const run = promisify(execFile);
const file = join(tmpdir(), 'ago-bench-curl');

const began = performance.now();
await run('curl', ['--silent', '--output', file, `${portal.env['DOWNLOAD_URL']}`]);
const curl = (performance.now() - began) / 1000;
const size = (await stat(file)).size;
const hashing = performance.now();
await run('sha256sum', [file]);
const hash = (performance.now() - hashing) / 1000;
await rm(file);

const place = await newPlace(portal.env);
const { record, seconds, cpuSeconds, peakMemory } = await place.run();
console.log(`${(size / 1e6).toFixed(0)} MB: curl ${curl.toFixed(1)} s, sha256sum ${hash.toFixed(1)} s`);
console.log(
  `backup ${record.outcome} ${seconds.toFixed(1)} s with hash and the proof of the zip, CPU ${cpuSeconds.toFixed(1)} s, peak ${peakMemory} MiB; speed ${(curl / seconds).toFixed(2)} of curl's`,
);
await place.close();
await portal.close();
