import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import type { RestoreResult } from '../../lib/restore/words.ts';
import { newMixed, portraitOf, type Mixed } from '../support/mixed.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';
import type { FaultAnswer, Seen } from '../support/portal/faults.ts';
import { dying } from '../support/stores/dying.ts';

/**
 * A restore of every class at once, disturbed: the end is that of an undisturbed one, there is no second copy, and what was not the
 * restore's is there still; taking it back gives the damage back. In the suite the first call of each kind is struck, in one restore; in
 * the long form every write by itself, and every entry of the journal.
 */
const isLong = process.env['LONG'] === '1';

let mixed: Mixed;
const ends: (() => Promise<void>)[] = [];
before(async () => {
  mixed = await newMixed({ after: (end) => void ends.push(end) });
});
after(async () => {
  for (const end of ends) await end();
});

const badOf = ({ items }: RestoreResult) => JSON.stringify(items.filter(({ outcome }) => outcome !== 'restored'));

/** Restores with `act`, looks at the end, takes it back, and looks again. */
async function disturbed(about: string, act: (restore: () => Promise<RestoreResult>) => Promise<RestoreResult>) {
  const { world, request, portrait, saved, damaged } = mixed;
  const result = await act(() => world.restore(request));
  world.portal.faults.clear();
  assert.equal(result.outcome, 'complete', `${about}: ${badOf(result)}`);
  assert.deepEqual(await portrait(), saved, about);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', `${about}, taken back: ${badOf(undone)}`);
  assert.deepEqual(await portrait(), damaged, `${about}, taken back`);
}

const isWrite = ({ kind, who }: Seen) => kind === 'write' && who === 'keeper';
const isCall = ({ who }: Seen) => who === 'keeper';
/** What a call is for, whatever it is made for. */
const verbOf = ({ method, path }: Seen) => `${method} ${path.replaceAll(/[0-9a-f]{32}|\d+/g, '#')}`;

/** Strikes the n-th call of each kind, from 1. @param then also happens */
function strikeKinds(
  match: (seen: Seen) => boolean,
  answer: FaultAnswer,
  { n = 1, then = () => undefined }: { n?: number; then?: () => void } = {},
) {
  const seen = new Map<string, number>();
  const strike = (call: Seen) => {
    if (!match(call)) return false;
    const count = (seen.get(verbOf(call)) ?? 0) + 1;
    seen.set(verbOf(call), count);
    if (count === n) then();
    return count === n;
  };
  mixed.world.portal.faults.add({ match: strike, times: Infinity, answer });
  return seen;
}

/** Goes on with it as long as items fail. */
async function toTheEnd(restore: () => Promise<RestoreResult>): Promise<RestoreResult> {
  let result = await restore();
  for (let again = 0; result.outcome !== 'complete' && again < 40; again++)
    result = await mixed.world.restores().resume(result.restoreId);
  return result;
}

test('the answer of the first write of each kind is lost, and the portal has too many requests at the first other call of each', async () => {
  await disturbed('lost', async (restore) => {
    const struck = strikeKinds(isWrite, 'lost');
    strikeKinds((call) => isCall(call) && !isWrite(call), '429-in-200');
    const result = await restore();
    assert.ok(struck.size > 25, [...struck.keys()].join('\n'));
    for (const verb of ['addRelationship', 'setContentStatus', 'createGroup', 'createService', 'restore', 'addItem'])
      assert.ok(
        [...struck.keys()].some((each) => each.endsWith(`/${verb}`)),
        verb,
      );
    return result;
  });
});

test('the portal refuses the first write of each kind, has too many requests at the second, and the token dies at the third: it goes on when it is resumed', async () => {
  const refused = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions.' } };
  await disturbed('refused', (restore) => {
    strikeKinds(isWrite, refused);
    strikeKinds(isWrite, '429', { n: 2 });
    strikeKinds(isWrite, 'expiredToken', { n: 3, then: () => mixed.world.portal.tokens.expireAll() });
    return toTheEnd(restore);
  });
});

test('all of it comes into an empty organization that has the members: the same but for ids', async (t) => {
  const { world, request, saved } = mixed;
  const org = new Organization();
  Object.assign(org, { id: 'another', categories: [{ title: 'Parks' }] });
  for (const name of ['ana', 'ben']) org.addMember(name);
  org.addMember('keeper', { role: 'org_admin' });
  const other = await startPortal({ org, clock: world.clock });
  t.after(() => other.close());
  world.env['RESTORE_PORTAL_URL'] = other.url;
  const writes = world.portal.writesOf('keeper').length;
  const result = await world.restore(request);
  delete world.env['RESTORE_PORTAL_URL'];
  assert.equal(result.outcome, 'complete', badOf(result));
  assert.deepEqual(await portraitOf({ org }), saved);
  assert.equal(world.portal.writesOf('keeper').length, writes, 'nothing is written in the first');
});

test('the process is killed in the middle of it', async () => {
  for (let n = isLong ? 2 : 60; ; n += 1) {
    const when = n % 2 === 0 ? 'after' : 'before';
    const store = dying(mixed.world.store, n, when);
    await disturbed(`killed ${when} entry ${n}`, async () => {
      const killed = mixed.world.restores(store.through);
      const planned = await killed.plan(mixed.request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      return mixed.world.restores().resume(planned.restoreId);
    });
    if (!isLong || !store.hasDied()) return;
  }
});

test('the answer of any write is lost', { skip: !isLong }, async () => {
  for (let skip = 0; ; skip++) {
    let hits = 0;
    await disturbed(`lost ${skip}`, async (restore) => {
      const fault = mixed.world.portal.faults.add({ match: isWrite, skip, answer: 'lost' });
      const result = await restore();
      hits = fault.hits;
      return result;
    });
    if (hits === 0) return assert.ok(skip > 70, `only ${skip} writes`);
  }
});
