import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outage } from '../../../lib/arcgis/connection/outage.ts';
import { PortalError } from '../../../lib/arcgis/connection/portal-error.ts';
import { VirtualClock } from '../../support/clock.ts';

const minute = 60_000;

/** A server that is there as `isUp` says, and when it was asked, in minutes. */
function server(isUp: (minutes: number) => boolean, more: { bound?: number; portal?: Outage } = {}) {
  const clock = new VirtualClock();
  const began = clock.now();
  const minutes = () => Math.round(((clock.now() - began) / minute) * 10) / 10;
  const asked: number[] = [];
  const ask = () => Promise.resolve((asked.push(minutes()), isUp(minutes())));
  const error = (after: number) => new PortalError('PORTAL_DOWN', `Nothing for ${after} minutes.`);
  const outage = new Outage({ clock, isUp: ask, bound: 30 * minute, error, ...more });
  return { clock, outage, asked, minutes };
}

const lose = (outage: Outage, times: number) => Array.from({ length: times }, () => outage.note('nothing'));

test('after ten requests in a row without an answer all wait, and one question is asked after 1, 2, 4 … minutes', async () => {
  const { outage, asked, minutes } = server((now) => now >= 15);
  outage.note('answer');
  lose(outage, 9);
  await outage.pass();
  assert.deepEqual(asked, []);
  lose(outage, 1);
  await Promise.all([outage.pass(), outage.pass(), outage.pass()]);
  assert.deepEqual([asked, minutes()], [[0, 1, 3, 7, 15], 15]);
  await outage.pass();
  assert.equal(asked.length, 5);
});

test('what is down for longer than that is given up, and nobody asks again', async () => {
  const { outage, asked, minutes } = server(() => false);
  lose(outage, 10);
  await assert.rejects(outage.pass(), { code: 'PORTAL_DOWN', message: 'Nothing for 30 minutes.' });
  assert.deepEqual([asked, minutes()], [[0, 1, 3, 7, 15, 30], 30]);
  await assert.rejects(outage.pass(), { code: 'PORTAL_DOWN' });
  assert.equal(asked.length, 6);
});

test('a portal that goes down again and again is waited for half an hour in all', async () => {
  let isUp = true;
  const { outage, minutes } = server(() => (isUp = !isUp));
  outage.note('answer');
  await assert.rejects(async () => {
    for (let n = 0; n < 100; n++) {
      lose(outage, 10);
      await outage.pass();
      outage.note('answer');
    }
  });
  assert.equal(minutes(), 30);
});

test('an outage after some calm minutes is a new one', async () => {
  let isUp = true;
  const { outage, clock } = server(() => (isUp = !isUp));
  for (let n = 0; n < 100; n++) {
    lose(outage, 10);
    await outage.pass();
    clock.advance(11 * minute);
    outage.note('answer');
  }
});

test('when most of the last minute was lost it is asked whether there is anybody', async () => {
  const { outage, asked } = server(() => true);
  for (let n = 0; n < 20; n++) outage.note(n % 2 === 0 ? 'answer' : 'nothing');
  await outage.pass();
  assert.equal(asked.length, 0, 'half of it is not most');
  lose(outage, 1);
  await outage.pass();
  assert.equal(asked.length, 1);
});

test('a request without an answer is to blame itself as long as there is somebody, and where nobody ever was', async () => {
  const { outage, asked } = server(() => true);
  assert.equal(await outage.wasDown(), false);
  assert.equal(asked.length, 0, 'it never answered: a wrong address');
  outage.note('answer');
  assert.equal(await outage.wasDown(), false);
  assert.equal(asked.length, 1);
});

test('one that is there, and serves nobody for half an hour, is given up as well', async () => {
  const { outage, clock } = server(() => true);
  for (let n = 0; n < 10; n++) {
    await outage.pass();
    outage.note('busy');
    clock.advance(3 * minute);
  }
  await assert.rejects(outage.pass(), { code: 'PORTAL_DOWN' });
});

test('a server is given up sooner, and asked again later; while the portal is down as well, it is waited for', async () => {
  const alone = server((now) => now >= 20, { bound: 5 * minute, portal: server(() => true).outage });
  lose(alone.outage, 10);
  await assert.rejects(alone.outage.pass());
  assert.equal(alone.minutes(), 5);
  await assert.rejects(alone.outage.pass());
  assert.deepEqual(alone.asked, [0, 1, 3, 5]);
  alone.clock.advance(16 * minute);
  await alone.outage.pass();

  const portal = server((now) => now >= 15);
  portal.outage.note('answer');
  const below = server(() => portal.minutes() >= 15, { bound: 5 * minute, portal: portal.outage });
  lose(below.outage, 10);
  await below.outage.pass();
});
