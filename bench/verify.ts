import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../lib/clock.ts';
import { counting } from '../test/support/stores/counting.ts';
import { openStore } from '../lib/storage/open.ts';
import { verify } from '../lib/upkeep/verify/verify.ts';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** Verifying an archive of 10,000 items of 200 members, in a process of its own. */
const [folder] = process.argv.slice(2);

if (folder !== undefined) {
  const { store, requests } = counting(openStore(`file:${join(folder, 'backup.git')}`, { clock: systemClock }));
  const began = performance.now();
  const { items, trees, files, findings } = await verify(store, { from: 0, to: 1 });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${items} items, ${trees} folders, ${files} files: ${seconds} s, ${requests.total} store requests, peak ${peak} MiB, ${findings.length} findings`,
  );
} else {
  const portal = await forkPortal({ members: 200, items: 10_000, services: 500, latency: 0 });
  const place = await newPlace(portal.env);
  await place.run();
  await place.close(true);
  await portal.close();
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), place.folder], { stdio: 'inherit' });
  await rm(place.folder, { recursive: true, force: true });
}
