import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameAsPortal, cloneArchive, sentences } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';
import type { Row } from '../support/portal/words.ts';

/** A service whose layer tells no edit dates, or a view of it, and its rows. */
function undated(isView: boolean) {
  const org = new Organization();
  const dates = 'none' as const;
  const source = org.addService({ owner: 'backup', title: 'Source', layers: ['A'] }).record.id;
  const viewOf = isView ? source : null;
  const { record, service } = org.addService({ owner: 'backup', title: 'X', layers: ['A'], dates, viewOf });
  return { org, id: record.id, rows: service?.layers[0]?.rows ?? assert.fail() };
}

const edits: [name: string, edit: (rows: Row[]) => unknown][] = [
  ['added', (rows) => rows.push({ ...(rows[0] ?? assert.fail()), id: 6 })],
  ['deleted', (rows) => rows.splice(1, 1)],
  ['deleted while another is added', (rows) => rows.splice(0, 1, { ...(rows[0] ?? assert.fail()), id: 9 })],
  ['all deleted', (rows) => rows.splice(0)],
];

for (const [what, isView, hasStatistics, some] of [
  ['layer', false, true, edits],
  ['layer', false, false, edits.slice(2, 3)],
  ['view', true, true, edits.slice(2, 3)],
] as const) {
  const asked = hasStatistics ? 'with' : 'without';
  test(`rows of a ${what} without edit dates that come and go are seen, ${asked} statistics`, async (t) => {
    const { org, id, rows } = undated(isView);
    const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '0' } });
    if (!hasStatistics) {
      const edit = (answer: Record<string, unknown>) =>
        JSON.parse(
          JSON.stringify(answer).replaceAll('"supportsStatistics":true', '"supportsStatistics":false'),
        ) as object;
      portal.faults.add({ match: /\/layers$/, times: Infinity, answer: { edit } });
    }
    await run();
    for (const [name, edit] of some) {
      edit(rows);
      rows.sort((a, b) => a.id - b.id);
      assert.equal((await run()).changed, 1, name);
      assert.equal((await run()).commit, null);
    }
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    assert.match(sentences(archive.items.get(id)?.manifest), /Rows of "A" are edited without a date/);
  });
}

for (const isView of [false, true]) {
  const what = isView ? 'view' : 'layer';
  test(`values of a ${what} without edit dates are saved anew on the day of the recheck`, async (t) => {
    const { org, rows } = undated(isView);
    const { portal, run, store, clock } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '1' } });
    await run();
    Object.assign(rows[0] ?? {}, { name: 'edited' });
    assert.equal((await run()).commit, null, 'nothing shows it');
    clock.advance(86_400_000);
    assert.equal((await run()).changed, 1);
    await assertSameAsPortal(await cloneArchive(t, store), portal);
    clock.advance(86_400_000);
    const { commit, unchanged } = await run();
    assert.deepEqual([commit, unchanged], [null, 2], 'the same rows give the same tree');
  });
}

test('a quiet night asks one question of a layer without edit dates, and none of others', async (t) => {
  const { org } = undated(false);
  const { portal, run } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '0' } });
  await run();
  portal.log.clear();
  await run();
  assert.deepEqual(
    [portal.log.count(/\/layers$/), portal.log.count(/\/query$/), portal.log.count(/\/export$/)],
    [2, 1, 0],
  );
});

test('rows that come between an export and the end of its counting are seen the next night', async (t) => {
  const { org, rows } = undated(false);
  const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '0' } });
  const grow = () => void rows.push({ ...(rows[0] ?? assert.fail()), id: rows.length + 1 });
  portal.faults.add({ match: /\/status$/, times: Infinity, answer: { after: grow } });
  await run();
  portal.faults.clear();
  assert.equal((await run()).changed, 1);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});
