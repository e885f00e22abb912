import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** 10,000 items of 200 members at 20 ms a request: the first run, and in a process of its own one without changes. */
const [folder, env] = process.argv.slice(2);

async function show(name: string, portalEnv: Record<string, string>, given?: string): Promise<string> {
  const place = await newPlace(portalEnv, given);
  const { record, seconds, cpuSeconds, activities, store, peakMemory } = await place.run();
  console.log(
    `${name}: ${record.outcome}, ${record.added} added, ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${activities} activities, store ${store}, peak ${peakMemory} MiB`,
  );
  await place.close(given === undefined);
  return place.folder;
}

if (folder !== undefined && env !== undefined)
  await show('unchanged', JSON.parse(env) as Record<string, string>, folder);
else {
  const portal = await forkPortal({ members: 200, items: 10_000, services: 500, latency: 20 });
  const made = await show('first', portal.env);
  console.log(`  portal requests ${await portal.requests()}`);
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), made, JSON.stringify(portal.env)], {
    stdio: 'inherit',
  });
  console.log(`  portal requests ${await portal.requests()}`);
  await portal.close();
}
