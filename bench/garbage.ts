import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** A first run of 1,000 items under several sizes of the young generation, in MiB: what time garbage costs, what memory it saves. */
const [inside] = process.argv.slice(2);

if (inside === undefined) {
  for (let round = 0; round < 2; round++) {
    for (const size of [2, 4, 8, 16])
      execFileSync(process.execPath, [`--max-semi-space-size=${size}`, fileURLToPath(import.meta.url), `${size}`], {
        stdio: 'inherit',
      });
  }
} else {
  let pauses = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses += duration;
  }).observe({ entryTypes: ['gc'] });
  const portal = await forkPortal({ members: 20, items: 1000, services: 20 });
  const place = await newPlace(portal.env);
  const { record, seconds, cpuSeconds, peakMemory } = await place.run();
  console.log(
    `semi-space ${inside} MiB: ${record.outcome}, ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, collections ${(pauses / 1000).toFixed(2)} s, peak ${peakMemory} MiB`,
  );
  await place.close();
  await portal.close();
}
