import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';
import { watched } from '../../support/stores/counting.ts';
import type { MemoryStore } from '../../../lib/storage/memory.ts';
import { assertSameAsPortal, cloneArchive, type Archive } from '../../support/archive.ts';
import { aroundInvocations } from '../../support/invocations.ts';
import { Nights, pdf } from '../../support/nights.ts';
import { dump } from '../../support/stores/copies.ts';
import { contentOf } from '../../support/portal/content.ts';
import { Straggler } from '../../support/straggler.ts';

/**
 * The first execution of an activity stops at one of its calls, a second one answers in its place, and the run goes on; then
 * the first comes to its end: before the last step, while the pack is written, or when all is over.
 */
type Moment = 'before the last step' | 'while the pack is written' | 'after the run';
const moments: readonly Moment[] = ['before the last step', 'while the pack is written', 'after the run'];

let nights: Nights;
before(async () => {
  nights = await Nights.open();
});
after(() => nights.portal.close());

interface Case {
  activity: string;
  /** in the input of the execution that is meant */
  about?: string;
  at: number;
  moment: Moment;
  /** happens in the portal between the two executions */
  meanwhile?: () => void;
}

/** A night with a straggler in it. */
async function disturbed(t: TestContext, store: MemoryStore, { activity, about = '', at, moment, meanwhile }: Case) {
  const straggler = await Straggler.open(t, nights, store, at);
  const packing = watched(store, async ({ verb, name }, run) => {
    const isPack = verb === 'putStream' && name.endsWith('.pack');
    if (isPack && moment === 'while the pack is written') await straggler.finish();
    return run();
  });
  const opened = await nights.open(packing);
  t.after(() => opened.host.close());
  const remove = await aroundInvocations(async ({ name, kind, input }, execute) => {
    if (kind !== 'activity') return execute();
    if (name === 'finishBackup' && moment === 'before the last step') await straggler.finish();
    if (name !== activity || straggler.begun || !JSON.stringify(input).includes(about)) return execute();
    await straggler.begin(execute, opened);
    meanwhile?.();
    return execute();
  });
  const night = await nights.run(opened);
  await straggler.finish();
  remove();
  return { night, stopped: straggler.stopped };
}

/** Every file is what backup.json of its folder says. */
async function assertWhole(archive: Archive): Promise<void> {
  for (const { manifest, path } of archive.items.values()) {
    for (const part of manifest.parts) {
      const bytes = await archive.read(`${path}/${part.path}`);
      assert.equal(createHash('sha256').update(bytes).digest('hex'), part.sha256, `${path}/${part.path}`);
    }
  }
}

test('an item that changed between two executions of saveItems is saved whole, whichever of them ends last', async (t) => {
  let at = 0;
  for (let stopped = true; stopped; at += 4) {
    const store = nights.base.snapshot();
    const moment = moments[(at / 4) % moments.length] ?? 'after the run';
    const meanwhile = () => {
      const bytes = pdf(`between ${at}`, 4000 + at);
      nights.org.replaceData(nights.id('Report'), contentOf(bytes, 'application/pdf'));
      nights.org.replaceMetadata(nights.id('Report'), contentOf(`<metadata>${at}</metadata>`, 'text/xml'));
    };
    const one = { activity: 'saveItems', about: nights.id('Report'), at, moment, meanwhile };
    const { night, ...end } = await disturbed(t, store, one);
    stopped = end.stopped;
    assert.equal(night.record?.outcome, 'complete', `call ${at}, ${moment}: ${night.record?.error?.message}`);
    await assertWhole(await cloneArchive(t, await dump(t, store, true)));
    if (moment === 'after the run') await assertConverges(t, store);
  }
  t.diagnostic(`${at / 4} calls`);
  assert.ok(at > 8);
});

/** The next night brings what the portal holds now, in one commit. */
async function assertConverges(t: TestContext, store: MemoryStore): Promise<void> {
  const { status } = await nights.night(store);
  assert.equal(status, 'Completed');
  const archive = await cloneArchive(t, await dump(t, store, true));
  await assertSameAsPortal(archive, nights.portal);
  assert.ok(archive.log.length <= 3, 'one commit for each night with changes');
  assert.deepEqual(nights.portal.leftovers(), []);
}

/** Of so many calls of each activity, one stops. */
const every = { beginRun: 7, checkUser: 4, planRun: 8, saveOrganization: 12, startExport: 6, finishBackup: 30 };

for (const [activity, step] of Object.entries(every)) {
  test(`${activity} that ends long after its second execution changes nothing`, async (t) => {
    await nights.rehearse();
    let cases = 0;
    for (let stopped = true; stopped; cases++) {
      const store = nights.base.snapshot();
      const moment = moments[cases % moments.length] ?? 'after the run';
      const { night, ...end } = await disturbed(t, store, { activity, at: cases * step, moment });
      stopped = end.stopped;
      assert.deepEqual([night.status, night.record?.outcome], ['Completed', 'complete'], `${cases * step}, ${moment}`);
      await nights.assertUndisturbed(t, store);
    }
    t.diagnostic(`${cases} calls`);
  });
}
