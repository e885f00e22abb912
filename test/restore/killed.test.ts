import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { portraitOf } from '../support/mixed.ts';
import { contentOf, jsonContent } from '../support/portal/content.ts';
import { newWorld, type World } from '../support/restore.ts';
import type { Work } from '../support/worker.ts';

const worker = fileURLToPath(new URL('../support/worker.ts', import.meta.url));
const hostName = 'the app';

/** One execution in a worker process of its own. Rejects, in the words of the host, when it is killed. */
async function inWorker(env: Record<string, string>, work: Work): Promise<unknown> {
  const child = fork(worker, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let answer: unknown;
  child.once('message', (value) => (answer = value));
  child.send(work);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === 'SIGKILL') throw new Error('The language worker process exited.');
  assert.equal(code, 0);
  return answer;
}

/** A map and a file that are gone and a map that was spoiled, in an archive on a disk. */
async function newDamage(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'killed-'));
  t.after(() => rm(folder, { recursive: true }));
  const world = await newWorld(t, { at: `file:${folder}` });
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const around = { owner: 'ana', resources: { 'a.txt': contentOf('a') }, access: 'org' as const };
  const gone = org.addItem({ ...around, type: 'Web Map', title: 'Gone', json: {} }).record.id;
  const kept = org.addItem({ ...around, type: 'Web Map', title: 'Kept', json: { gone } }).record.id;
  const file = org.addItem({ ...around, type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  await world.backup();
  const items = [gone, kept, file];
  const at = (await world.restores().plan({ items: [kept] })).plan.items[0]?.commit ?? '';
  const saved = await portraitOf(world);
  const damage = () => {
    for (const item of org.items.values()) if (item.record.title !== 'Kept') org.deleteItem(item.record.id);
    org.replaceData(kept, jsonContent({ spoiled: true }));
  };
  return { world, request: { items, at }, saved, damage };
}

/** The app in Azure: the first execution of a restore's activity in a worker that is killed there, the others in this process. */
async function newApp(t: TestContext, { env, store, clock }: World) {
  const host = { id: hostName, name: hostName, isGone: () => Promise.resolve(false) };
  const { host: app } = await startLocalHost(env, () => undefined, { store, clock, host });
  t.after(() => app.close());
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await app.request({ method, path, headers: {}, ...(body && { body: JSON.stringify(body) }) });
    return { status: answer.status, json: JSON.parse(answer.body) as { restoreId: string; state: string } };
  };
  const killedAt = async (entry: number, when: Work['when'], request: object) => {
    let executions = 0;
    const remove = await aroundInvocations(async ({ name, input }, execute) => {
      if (name !== 'restoreItems' || executions++ > 0) return execute();
      return inWorker(env, { name, input, host: hostName, now: clock.now(), entry, when });
    });
    const { restoreId } = (await ask('POST', '/api/restores', request)).json;
    assert.equal((await ask('POST', `/api/restores/${restoreId}/start`)).status, 202);
    await app.completed('ago-backup-restore');
    remove();
    return { executions, ...(await ask('GET', `/api/restores/${restoreId}`)).json };
  };
  return killedAt;
}

test('a worker process that is killed in the middle of a restore is replaced, and the restore comes to the same end', async (t) => {
  const { world, request, saved, damage } = await newDamage(t);
  const killedAt = await newApp(t, world);
  // In the suite where the portal has made an item, and nobody has written down which.
  for (let entry = process.env['LONG'] === '1' ? 1 : 5; ; entry++)
    for (const when of process.env['LONG'] === '1' ? (['before', 'after'] as const) : (['before'] as const)) {
      damage();
      const { state, executions } = await killedAt(entry, when, request);
      const about = `killed ${when} entry ${entry}`;
      assert.equal(state, 'complete', about);
      assert.deepEqual(await portraitOf(world), saved, about);
      if (process.env['LONG'] !== '1') return assert.equal(executions, 2, about);
      if (executions === 1) return assert.ok(entry > 15, `only ${entry} entries`);
    }
});
