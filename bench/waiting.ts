import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** A first run in which one item of six is exported, against what its requests alone would take on all lanes. */
const latency = 20;
const lanes = 8;
const portal = await forkPortal({ members: 20, items: 840, services: 160, latency });
const place = await newPlace(portal.env);
const { record, seconds, cpuSeconds, peakMemory } = await place.run();
const asked = await portal.requests();
const least = (asked * latency) / 1000 / lanes;
console.log(
  `a first run of ${record.added} items, 160 of them exported, at ${latency} ms a request: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${asked} requests, peak ${peakMemory} MiB`,
);
console.log(`${(seconds / least).toFixed(2)} of requests × latency ÷ lanes (${least.toFixed(1)} s), at most 1.3`);
await place.close();
await portal.close();
