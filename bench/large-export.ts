import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** An export of 1 GiB. */
const exportBytes = 1024 ** 3;
const portal = await forkPortal({ members: 1, items: 0, exportBytes });
const place = await newPlace(portal.env);
const { record, seconds, cpuSeconds, peakMemory } = await place.run();
const rate = record.bytes / 1e6 / seconds;
console.log(
  `${record.outcome}, ${(record.bytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(1)} s (${rate.toFixed(0)} MB/s), CPU ${cpuSeconds.toFixed(1)} s, peak ${peakMemory} MiB`,
);
if (peakMemory > 400 || record.outcome !== 'complete') process.exitCode = 1;
await place.close();
await portal.close();
