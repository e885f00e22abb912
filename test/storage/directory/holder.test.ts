import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGone, readHolder, textOf, thisHolder, type Holder } from '../../../lib/storage/directory/holder.ts';

const linux = (more: Partial<Holder> = {}): Holder => ({ pid: 1, place: 'b1/pid:[4]/m1', started: '100', ...more });
const windows = (more: Partial<Holder> = {}): Holder => ({
  pid: process.pid,
  place: 'GIS@1764380000',
  started: '-',
  ...more,
});

for (const [what, held, here, gone] of [
  ['an earlier boot of this machine', linux({ place: 'b0/pid:[4]/m1' }), linux(), true],
  ['a boot of another machine', linux({ place: 'b0/pid:[4]/m2' }), linux(), false],
  ['a container beside this one', linux({ place: 'b1/pid:[5]/m9' }), linux(), false],
  ['an earlier boot, as version 0.1 wrote it', linux({ place: 'b0/pid:[4]' }), linux(), false],
  [
    'an earlier boot of this Windows, whose number another process has by now',
    windows({ place: 'GIS@1764300000' }),
    windows(),
    true,
  ],
  ['this boot of this Windows, told after its clock was set', windows({ place: 'GIS@1764380030' }), windows(), false],
  ['another Windows', windows({ place: 'OTHER@1764300000' }), windows(), false],
] as const)
  test(`a process of ${what} is ${gone ? 'surely gone' : 'not taken for gone'}`, async () => {
    assert.equal(await isGone(held, here), gone);
  });

test('who holds a lock is read back from its mark, and lives', async () => {
  const here = await thisHolder();
  const read = readHolder(`${textOf(here)} random`);
  assert.deepEqual(read, here);
  assert.equal(await isGone(here, here), false);
  assert.equal(await isGone({ ...here, started: '1' }, here), true);
});
