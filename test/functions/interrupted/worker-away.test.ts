import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nonDeterministic, type Around } from '../../support/invocations.ts';
import { Nights } from '../../support/nights.ts';

/**
 * A worker that goes away between dispatch and answer. An activity is executed again; an orchestrator counts as failed for
 * good, with the words of the extension, and whoever called it has to call it again.
 */
let nights: Nights;
before(async () => {
  nights = await Nights.open();
});
after(() => nights.portal.close());

/** Fails the turns (or the executions of activities) with these numbers; counts them, by name. */
function losing(kind: 'activity' | 'orchestrator', lost: readonly number[], when: 'before' | 'after' = 'before') {
  const seen: string[] = [];
  const around: Around = async (invocation, execute) => {
    if (invocation.kind !== kind) return execute();
    seen.push(invocation.name);
    if (!lost.includes(seen.length - 1)) return execute();
    if (when === 'after') await execute();
    throw new Error(kind === 'orchestrator' ? nonDeterministic : 'The language worker process exited.');
  };
  return { seen, around };
}

/** The numbers of a sample: of each name the first, or the first and one from the middle; with LONG all. */
function sampleOf(seen: readonly string[], each: 1 | 2): number[] {
  const all = [...seen.keys()];
  if (process.env['LONG'] !== undefined) return all;
  return [...new Set(seen)].flatMap((name) => {
    const own = all.filter((n) => seen[n] === name);
    return [...new Set([own[0], each === 2 ? own[Math.ceil(own.length / 2)] : undefined])].filter(
      (n) => n !== undefined,
    );
  });
}

async function seenOf(kind: 'activity' | 'orchestrator'): Promise<string[]> {
  const { seen, around } = losing(kind, []);
  nights.assertComplete(await nights.night(nights.base.snapshot(), around));
  return seen;
}

test('an orchestrator whose worker goes away at any one of its turns costs neither the run nor a file', async (t) => {
  for (const n of sampleOf(await seenOf('orchestrator'), 2)) {
    const store = nights.base.snapshot();
    const { seen, around } = losing('orchestrator', [n]);
    const night = await nights.night(store, around);
    const what = `turn ${n}, of ${seen[n]}`;
    // Nobody calls the first one again; what it waits for has then begun, or ended.
    if (seen[n] === 'backup' && night.record === undefined) continue;
    assert.equal(night.record?.outcome, 'complete', `${what}: ${JSON.stringify(night.record?.error)}`);
    if (seen[n] !== 'backup') nights.assertComplete(night);
    await nights.assertUndisturbed(t, store);
  }
});

test('an activity whose worker goes away, before it or after it, costs neither the run nor a file', async (t) => {
  const isLong = process.env['LONG'] !== undefined;
  for (const n of sampleOf(await seenOf('activity'), 1)) {
    for (const when of isLong ? (['before', 'after'] as const) : ([n % 2 === 0 ? 'before' : 'after'] as const)) {
      const store = nights.base.snapshot();
      nights.assertComplete(await nights.night(store, losing('activity', [n], when).around));
      await nights.assertUndisturbed(t, store);
    }
  }
});
