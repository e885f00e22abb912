import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../lib/secret.ts';
import { keyDoor, openDoor, type Comer, type Door } from '../../../lib/serve/access/door.ts';

const origin = 'https://backup.example';
const own: Comer = { cookie: null, fetchSite: 'same-origin', origin, principal: null };
const foreign: Comer = { cookie: null, fetchSite: 'cross-site', origin: 'https://evil.example', principal: null };

function door(keys: { reader?: string; operator?: string }) {
  const slept: number[] = [];
  let now = 1_000_000;
  const secret = (text?: string) => (text === undefined ? undefined : new Secret(text));
  const made = keyDoor({
    keys: () => Promise.resolve({ reader: secret(keys.reader), operator: secret(keys.operator) }),
    origin,
    clock: { now: () => now, sleep: (ms) => Promise.resolve(void slept.push(ms)) },
    random: () => 'ab'.repeat(20),
  });
  return { ...made, slept, pass: (ms: number) => (now += ms) };
}

type Entered = Awaited<ReturnType<Door['enter']>>;
const cookieOf = (entered: Entered) => (typeof entered === 'number' ? '' : (entered.cookie.split(';')[0] ?? ''));

test('without any key nothing is there', async () => {
  assert.equal(await door({}).session(own), 'closed');
});

test('a key opens, its cookie is a session of its role until it is eight hours old', async () => {
  const { enter, session, pass } = door({ reader: 'look', operator: 'do' });
  for (const [key, role] of [
    ['look', 'reader'],
    ['do', 'operator'],
  ] as const) {
    const entered = await enter(own, key);
    assert.equal(typeof entered === 'number' ? entered : entered.role, role);
    const cookie = cookieOf(entered);
    const found = await session({ ...own, cookie });
    assert.equal(found !== 'closed' && found?.role, role);
  }
  const cookie = cookieOf(await enter(own, 'look'));
  pass(8 * 3_600_000);
  assert.equal(await session({ ...own, cookie }), undefined);
});

test('a wrong key takes a while, and so does a right one that another site sends', async () => {
  const { enter, slept } = door({ reader: 'look' });
  assert.equal(await enter(own, 'lock'), 401);
  assert.equal(await enter(foreign, 'look'), 401);
  assert.equal(slept.length, 2);
  for (let n = 0; n < 8; n++) await enter(own, 'lock');
  assert.equal(await enter(own, 'lock'), 429);
  assert.notEqual(typeof (await enter(own, 'look')), 'number');
});

test('what changes something must come from the own page, with its token', async () => {
  for (const { isOwn, ...made } of [door({ operator: 'do' }), openDoor(() => 'f'.repeat(40))]) {
    const cookie = cookieOf(await made.enter(own, 'do'));
    const session = await made.session({ ...own, cookie });
    assert.ok(session !== undefined && session !== 'closed');
    assert.equal(isOwn(session, own, session.csrf), true);
    assert.equal(isOwn(session, own, ''), false);
    assert.equal(isOwn(session, own, `${session.csrf.slice(0, -1)}!`), false);
    assert.equal(isOwn(session, foreign, session.csrf), false);
  }
});
