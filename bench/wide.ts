import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { newPlace, type Measured } from './measure.ts';
import { forkPortal, type Shape } from './portal.ts';

/**
 * What is wide: each at half its size and whole, a first run and one without changes, each in a process of its own. Requests and time must
 * grow with the size, and no faster. `node bench/wide.ts 0.1` takes a tenth of all sizes.
 */
const [given = '1', only] = process.argv.slice(2);
const empty = { members: 1, items: 0 };
const cases: Record<string, (share: number) => Shape> = {
  'a member with 30,000 items': (share) => ({ members: 1, items: 30_000 * share }),
  '5,000 members with two items each': (share) => ({ members: 5000 * share, items: 10_000 * share }),
  'a member with 5,000 hosted layers, at 20 ms': (share) => ({ ...empty, views: 5000 * share, latency: 20 }),
  'an item with 3,000 resources': (share) => ({ ...empty, resources: 3000 * share }),
  'a service with 500 layers': (share) => ({ ...empty, layers: 500 * share }),
};

type Numbers = Pick<Measured, 'seconds' | 'cpuSeconds' | 'activities' | 'store' | 'peakMemory'> & { asked: number };

async function measure(shape: Shape): Promise<Numbers[]> {
  const portal = await forkPortal(shape);
  const place = await newPlace(portal.env);
  const nights: Numbers[] = [];
  for (let n = 0; n < 2; n++) {
    const { record, ...numbers } = await place.run();
    if (record.outcome !== 'complete') throw new Error(JSON.stringify(record));
    nights.push({ ...numbers, asked: await portal.requests() });
  }
  await place.close();
  await portal.close();
  return nights;
}

const told = ({ seconds, cpuSeconds, activities, asked, store, peakMemory }: Numbers) =>
  `${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${activities} activities, ${asked} + ${store} requests, ${peakMemory} MiB`;

if (given.startsWith('{')) console.log(JSON.stringify(await measure(JSON.parse(given) as Shape)));
else {
  for (const [name, shapeOf] of Object.entries(cases)) {
    if (only !== undefined && !name.includes(only)) continue;
    const [half, whole] = [[], []] as [Numbers[], Numbers[]];
    for (const [share, nights] of [
      [Number(given) / 2, half],
      [Number(given), whole],
    ] as const) {
      const call = [...process.execArgv, fileURLToPath(import.meta.url), JSON.stringify(shapeOf(share))];
      const said = execFileSync(process.execPath, call, { stdio: ['ignore', 'pipe', 'inherit'] });
      nights.push(...(JSON.parse(said.toString()) as Numbers[]));
    }
    for (const [n, night] of ['first', 'unchanged'].entries()) {
      const [before, after] = [half[n], whole[n]] as [Numbers, Numbers];
      const times = ((after.asked + after.store) / (before.asked + before.store)).toFixed(2);
      console.log(`${name}, ${night}: ${told(after)}; of half the size: ${told(before)}; ${times} times the requests`);
      if (Number(times) > 2.1) process.exitCode = 1;
    }
  }
}
