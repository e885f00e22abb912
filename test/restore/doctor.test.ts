import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app, replaceParts } from '../../lib/app.ts';
import { isCode } from '../../lib/errors.ts';
import { newWorld } from '../support/restore.ts';

test('the doctor says of the account that restores where and as whom, what it lacks, and that the portal takes no change', async (t) => {
  const world = await newWorld(t);
  const { org, portal, env, clock, store } = world;
  const item = org.addItem({ owner: 'keeper', type: 'Web Map', title: 'Districts', json: { a: 1 } }).record.id;
  await world.backup();
  const doctor = async (more: Record<string, string> = {}) => {
    replaceParts({ env: { ...env, ...more }, clock, store });
    return (await Array.fromAsync(app().diagnose())).find(({ name }) => name === 'restore');
  };
  const good = await doctor();
  assert.deepEqual([good?.ok, good?.warnings], [true, []]);
  assert.match(good?.text ?? '', /^Restores as keeper, an administrator, into http.*, organization \w+\.$/);
  const privileges = ['portal:admin:viewUsers', 'portal:admin:viewItems', 'portal:user:createItem'];
  org.addMember('helper', { role: 'org_publisher', privileges });
  const helper = { RESTORE_USERNAME: 'helper', RESTORE_PASSWORD: 'helper-password' };
  assert.match((await doctor(helper))?.warnings.join() ?? '', /lacks portal:admin:updateItems and .*deleteItems/);
  const wrong = await doctor({ RESTORE_PASSWORD: 'wrong' });
  assert.deepEqual([wrong?.ok, wrong?.failure?.code], [false, 'RESTORE_ACCOUNT']);
  assert.equal(await doctor({ RESTORE_USERNAME: '', RESTORE_PASSWORD: '' }), undefined);
  portal.writing.readOnly = true;
  assert.match((await doctor())?.warnings.join() ?? '', /read-only mode/);
  await assert.rejects(world.restores().plan({ items: [item] }), (error) => isCode(error, 'RESTORE_READ_ONLY'));
  assert.deepEqual(portal.writesOf('keeper'), []);
});
