import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CheckInput } from '../../../lib/run/check/check-user.ts';
import { startHealthchecks } from '../../support/healthchecks.ts';
import type { Around, Execute } from '../../support/invocations.ts';
import { Nights } from '../../support/nights.ts';

let nights: Nights;
before(async () => {
  nights = await Nights.open();
  // So that an export is under way when its start was executed twice, and has asked twice.
  nights.portal.jobs.rules.polls = 3;
});
after(() => nights.portal.close());

/** Every activity of a run that goes well, but the tidying up, which is left out where one of two finishBackup fails. */
const activities = [
  'beginRun',
  'readMembers',
  'checkUser',
  'acceptChecks',
  'saveOrganization',
  'planRun',
  'readItems',
  'saveItems',
  'startExport',
  'pollExport',
  'finishBackup',
];

/** Ways to execute an activity twice, and which of the two answers Durable takes. */
const ways: Record<string, (execute: Execute) => Promise<unknown>> = {
  'twice, and the first answer counts': async (execute) => {
    const answer = await execute();
    await execute();
    return answer;
  },
  'twice, and the second answer counts': async (execute) => {
    await execute();
    return execute();
  },
  'twice at the same time, and the earlier answer counts': async (execute) => {
    const both = [execute(), execute()];
    const answer = await Promise.race(both);
    await Promise.allSettled(both);
    return answer;
  },
  'twice at the same time, and the later answer counts': async (execute) => {
    const [, second] = await Promise.all([execute(), execute()]);
    return second;
  },
};

/** Executes these activities in this way; counts how often. */
function repeating(which: (name: string) => boolean, way: (execute: Execute) => Promise<unknown>) {
  const counts = new Map<string, number>();
  const around: Around = ({ name, kind }, execute) => {
    if (kind !== 'activity' || !which(name)) return execute();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return way(execute);
  };
  return { counts, around };
}

for (const [words, way] of Object.entries(ways)) {
  test(`a run whose every activity is executed ${words}, makes the commit of one that is not`, async (t) => {
    const store = nights.base.snapshot();
    const { counts, around } = repeating(() => true, way);
    const night = await nights.night(store, around);
    for (const name of activities) assert.ok(counts.has(name), name);
    nights.assertComplete(night);
    await nights.assertUndisturbed(t, store);
  });
}

for (const words of ['twice, and the second answer counts', 'twice at the same time, and the earlier answer counts']) {
  test(`failBackup executed ${words}, records and reports once, and the next run completes`, async (t) => {
    const healthchecks = await startHealthchecks();
    t.after(() => healthchecks.close());
    const store = nights.base.snapshot();
    const { counts, around } = repeating((name) => name === 'failBackup', ways[words] ?? assert.fail());
    nights.portal.faults.add({ match: /portals\/self\/users/, times: Infinity, answer: 'html' });
    const night = await nights.night(store, around, { env: { HEALTHCHECKS_PING_URL: healthchecks.url } });
    nights.portal.faults.clear();
    assert.deepEqual([counts.get('failBackup'), night.status, night.record?.outcome], [1, 'Failed', 'failed']);
    const ends = healthchecks.heard.map(({ signal }) => signal).filter((signal) => signal !== 'start');
    assert.deepEqual(ends, ['fail']);
    nights.assertComplete(await nights.night(store));
    await nights.assertUndisturbed(t, store);
  });
}

// Alone, so that a failure has a name.
for (const activity of [
  'beginRun',
  'checkUser',
  'saveItems',
  'startExport',
  'pollExport',
  'finishBackup',
  'maintainArchive',
]) {
  test(`${activity} executed twice, and the second answer counts, changes nothing`, async (t) => {
    const store = nights.base.snapshot();
    const { counts, around } = repeating(
      (name) => name === activity,
      async (execute) => {
        await execute();
        return execute();
      },
    );
    const night = await nights.night(store, around);
    assert.ok((counts.get(activity) ?? 0) > 0);
    nights.assertComplete(night);
    await nights.assertUndisturbed(t, store);
  });
}

test('a member who comes between two executions of beginRun moves nobody from one lane to another', async (t) => {
  const store = nights.base.snapshot();
  const checked: unknown[] = [];
  const night = await nights.night(store, async ({ name, input }, execute) => {
    if (name === 'checkUser') checked.push((input as CheckInput).username);
    const answer = await execute();
    if (name !== 'beginRun') return answer;
    // Before all others, so that each of them would come to another lane.
    const others = [...nights.org.accounts.values()];
    nights.org.accounts.clear();
    for (const each of [{ ...nights.org.admin, username: 'aaron' }, ...others])
      nights.org.accounts.set(each.username, each);
    await execute();
    nights.org.accounts.delete('aaron');
    return answer;
  });
  assert.deepEqual(checked.sort(), ['ana', 'backup', 'ben']);
  nights.assertComplete(night);
  await nights.assertUndisturbed(t, store);
});

test('a long check of a member that goes on twice, and finds more the second time, keeps to what it answered', async (t) => {
  const store = nights.base.snapshot();
  // Folder by folder and slowly, so that one activity does not get to the end.
  Object.assign(nights.portal.behaviour, { foldersContent: false, latency: 70_000 });
  let late: string | undefined;
  const night = await nights.night(store, async ({ name, input }, execute) => {
    const answer = await execute();
    const { username, resume } = input as CheckInput;
    if (name !== 'checkUser' || username !== 'ana' || resume === null || late !== undefined) return answer;
    const folder = nights.org.item(nights.id('Map 1')).record.ownerFolder;
    late = nights.org.addItem({ owner: 'ana', folder, type: 'Web Map', title: 'Late', json: {} }).record.id;
    await execute();
    nights.org.deleteItem(late);
    return answer;
  });
  Object.assign(nights.portal.behaviour, { foldersContent: true, latency: 0 });
  assert.ok(late !== undefined, 'the check did not have to go on');
  nights.assertComplete(night);
  await nights.assertUndisturbed(t, store);
});
