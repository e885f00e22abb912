import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** An organization of 2,000 items, saved the first time, then unchanged. */
const portal = await forkPortal({ members: 40, items: 2000, services: 20 });
const place = await newPlace(portal.env);
for (const name of ['first', 'unchanged']) {
  const { record, seconds, cpuSeconds, store, peakMemory } = await place.run();
  const asked = await portal.requests();
  console.log(
    `${name}: ${record.outcome}, ${record.added} added, ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, portal ${asked}, store ${store}, peak ${peakMemory} MiB`,
  );
  if (peakMemory > 400) process.exitCode = 1;
}
await place.close();
await portal.close();
