import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { app } from '../lib/app.ts';
import { Organization } from '../test/support/portal/organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';
import { newPlace } from './measure.ts';

/**
 * A hosted layer of 100,000 rows, of which 214 were deleted by mistake, its version in a file geodatabase: the missing ones come back,
 * then all of them. Time, CPU and memory are those of the product alone; the portal has a process of its own.
 * `node bench/restore-rows.ts [rows] [all|missing …]`
 */
const [size = '100000', ...asked] = process.argv.slice(2);
const rows = Number(size);

/** The portal: `spoil` deletes rows, `count` tells how many there are, and requests since it was asked last. */
async function servePortal(): Promise<void> {
  const org = new Organization();
  org.addMember('ana');
  org.addMember('keeper', { role: 'org_admin' });
  const item = org.addService({ owner: 'ana', title: 'Trees', layers: ['Trees'], rows, defined: true });
  const layer = item.service?.layers[0] ?? assert.fail();
  Object.assign(layer.definition ?? {}, { maxRecordCount: 2000 });
  const portal = await startPortal({ org });
  process.send?.({ ...portal.env, itemId: item.record.id });
  process.on('message', (what) => {
    if (what === 'spoil') {
      layer.rows = layer.rows.filter(({ id }) => id % Math.floor(rows / 214) !== 1);
      org.editRows(item.record.id, 0);
    }
    process.send?.([layer.rows.length, portal.log.count()]);
    portal.log.clear();
  });
  process.on('disconnect', () => process.exit());
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [size]);
  const [{ itemId = '', ...env }] = (await once(child, 'message')) as [Record<string, string>];
  const ask = async (what: string) => {
    child.send(what);
    return (await once(child, 'message'))[0] as [rows: number, requests: number];
  };
  const account = { RESTORE_USERNAME: 'keeper', RESTORE_PASSWORD: 'keeper-password', RESTORE_RATE: '0' };
  const place = await newPlace({ ...env, ...account });
  assert.equal((await place.run()).record.outcome, 'complete');
  const { restores } = app();
  const at = (await restores.plan({ items: [itemId] })).plan.items[0]?.commit ?? '';
  for (const how of asked.length > 0 ? asked : ['missing', 'all']) {
    await ask('spoil');
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const wish = { items: [itemId], at, rows: how as 'all' | 'missing' };
    const result = await restores.start(await restores.plan(wish));
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const [now, requests] = await ask('count');
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      `${how}: ${result.outcome}, ${now} rows, ${seconds.toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s, ${requests} requests, peak ${peak} MiB`,
    );
    if (result.outcome !== 'complete' || now !== rows || peak > 400) process.exitCode = 1;
  }
  await place.close();
  child.disconnect();
  await once(child, 'exit');
}

await (process.send ? servePortal() : measure());
