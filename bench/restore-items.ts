import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from '../lib/app.ts';
import { jsonContent } from '../test/support/portal/content.ts';
import { Organization } from '../test/support/portal/organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';
import { largeZip } from '../test/support/portal/zip.ts';
import { newPlace } from './measure.ts';

/**
 * What a restore of many small items takes, and of one large file: 1,000 web maps whose data was spoiled, then which are gone, at 20 ms a
 * request; a file of 1 GiB that is gone. The portal has a process of its own.
 * `node bench/restore-items.ts [texts|file] [items|MiB] [ms a request] [spoil|lose …]`
 */
const [what = 'texts', size = what === 'file' ? '1024' : '1000', latency = what === 'file' ? '0' : '20', ...asked] =
  process.argv.slice(2);

/** The portal: `spoil` and `lose` do that to all that it holds, and tell how many requests came since somebody asked last. */
async function servePortal(): Promise<void> {
  const org = new Organization();
  org.addMember('ana');
  org.addMember('keeper', { role: 'org_admin' });
  const content = largeZip(Number(size) * 1024 * 1024);
  const file = { owner: 'ana', type: 'File Geodatabase', title: 'Large', name: 'large.gdb.zip', data: content };
  if (what === 'file') org.addItem(file);
  else
    for (let n = 0; n < Number(size); n++)
      org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n, layers: [] }, tags: ['map'] });
  const portal = await startPortal({ org, behaviour: { latency: Number(latency) }, writing: { bin: 'off' } });
  process.send?.(portal.env);
  process.on('message', (verb) => {
    for (const { record } of [...org.items.values()])
      if (verb === 'lose') org.deleteItem(record.id);
      else if (verb === 'spoil') org.replaceData(record.id, jsonContent({ spoiled: true }));
    process.send?.([portal.log.count(), portal.writesOf('keeper').length]);
    portal.log.clear();
  });
  process.on('disconnect', () => process.exit());
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [what, size, latency]);
  const [env] = (await once(child, 'message')) as [Record<string, string>];
  const ask = async (verb: string) => {
    child.send(verb);
    return (await once(child, 'message'))[0] as [requests: number, writes: number];
  };
  const account = { RESTORE_USERNAME: 'keeper', RESTORE_PASSWORD: 'keeper-password', RESTORE_RATE: '0' };
  const folder = await mkdtemp(join(tmpdir(), 'ago-bench-'));
  const own = { ...env, ...account };
  // In a process of its own, for the memory is to be that of the restore.
  const backup = [fileURLToPath(import.meta.url), 'backup', folder, JSON.stringify(own)];
  execFileSync(process.execPath, backup, { stdio: 'inherit' });
  const place = await newPlace(own, folder);
  const { restores } = app();
  const at = (await restores.plan({ items: [], all: true })).plan.items[0]?.commit ?? '';
  const usual = what === 'file' ? ['lose'] : ['spoil', 'lose'];
  for (const verb of asked.length > 0 ? asked : usual) {
    await ask(verb);
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const planned = await restores.plan({ items: [], all: true, at });
    const planning = (performance.now() - began) / 1000;
    const result = await restores.start(planned);
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const [requests, writes] = await ask('count');
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      `${verb}: ${result.outcome}, ${result.items.length} items, ${seconds.toFixed(0)} s, of them ${planning.toFixed(0)} s for the plan; CPU ${((user + system) / 1e6).toFixed(1)} s, ${requests} requests, ${writes} of them writes, peak ${peak} MiB`,
    );
    if (result.outcome !== 'complete' || (what === 'file' && peak > 256)) process.exitCode = 1;
  }
  await place.close();
  child.disconnect();
  await once(child, 'exit');
}

async function backUp(folder: string, env: Record<string, string>): Promise<void> {
  const place = await newPlace(env, folder);
  assert.equal((await place.run()).record.outcome, 'complete');
  await place.close(true);
}

if (what === 'backup') await backUp(size, JSON.parse(latency) as Record<string, string>);
else await (process.send ? servePortal() : measure());
