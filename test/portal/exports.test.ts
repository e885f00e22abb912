import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { ExportRules } from '../support/portal/jobs.ts';
import { errorOf, openCallers, rest, type Answer, type Caller } from './caller.ts';

interface Started extends Answer {
  exportItemId: string;
  jobId: string;
  type: string;
}

/** A service of ana, and how it is exported. */
async function openExport(t: TestContext, rules: Partial<ExportRules> = {}, capabilities = 'Query,Extract') {
  const callers = await openCallers(t, { rules });
  const layers = ['Parcels', 'Lots'];
  const service = callers.org.addService({ owner: 'ana', title: 'Parcels', layers, capabilities }).record;
  const start = (caller: Caller, user: string, more: Record<string, string> = {}) =>
    caller.post<Started>(`${rest}/content/users/${user}/export`, {
      itemId: service.id,
      exportFormat: 'File Geodatabase',
      title: 'Copy',
      ...more,
    });
  const status = (id: string) =>
    callers.admin.post(`${rest}/content/users/ana/items/${id}/status`, { jobType: 'export' });
  const data = async (id: string) => callers.admin.get(`${rest}/content/items/${id}/data`);
  return { ...callers, service, start, status, data };
}

test('an export belongs to the user of the address, lies in the root, and is listed with its words', async (t) => {
  const { admin, start } = await openExport(t);
  for (const user of ['ana', 'backup']) {
    const more = { tags: 'a,b', typeKeywords: 'k' };
    const { exportItemId, type } = await start(admin, user, { title: `Copy for ${user}`, ...more });
    assert.equal(type, 'File Geodatabase');
    const listed = (await admin.read(`${rest}/content/users/${user}`)).items.find(({ id }) => id === exportItemId);
    const { owner, ownerFolder, title, tags, typeKeywords } = listed as unknown as Record<string, unknown>;
    assert.deepEqual([owner, ownerFolder, title, tags], [user, null, `Copy for ${user}`, ['a', 'b']]);
    assert.deepEqual(typeKeywords, ['File Geodatabase', 'k']);
  }
});

test('/data is refused until status has said completed, and then as often as the rules want', async (t) => {
  const { admin, start, status, data, org, service, portal } = await openExport(t, { polls: 2, unready: 1 });
  const { exportItemId: id } = await start(admin, 'ana');
  const refusal = async () => ((await (await data(id)).json()) as Answer).error?.message;
  assert.equal(await refusal(), 'Error updating file item');
  for (const expected of ['processing', 'processing', 'completed'])
    assert.equal((await status(id))['status'], expected);
  assert.equal(await refusal(), 'Error updating file item', 'refusals before the end do not count');
  const location = (await data(id)).headers.get('location') ?? '';
  const bytes = Buffer.from(await (await fetch(location)).arrayBuffer());
  assert.ok(bytes.equals(org.truth(service.id).export()?.bytes() ?? assert.fail()));
  assert.deepEqual(portal.writes(), []);
});

test('a failure says why as text or as JSON inside a text; a job may also never end', async (t) => {
  const { admin, start, status, portal, service } = await openExport(t, { polls: 0, end: 'failed' });
  const end = async () => {
    const { exportItemId } = await start(admin, 'ana');
    for (let n = 0; n < 5; n++) await status(exportItemId);
    const answer = await status(exportItemId);
    return [answer['status'], answer['statusMessage']];
  };
  assert.deepEqual(await end(), ['failed', 'Error exporting data to filegdb format']);
  portal.jobs.set(service.id, { message: { code: 400, message: 'no' } });
  assert.deepEqual(await end(), ['failed', '{"code":400,"message":"no"}']);
  portal.jobs.set(service.id, { end: 'never' });
  assert.deepEqual(await end(), ['processing', '']);
});

for (const [rules, capabilities, user, expected] of [
  [{ underOwner: 'refused' }, 'Query', 'ana', [403, 'GWM_0003']],
  [{ underOwner: 'refused' }, 'Query', 'backup', undefined],
  [{ underOwnName: 'refused' }, 'Query', 'backup', [403, 'GWM_0003']],
  [{ underOwnName: 'extract' }, 'Query', 'backup', [403, 'GWM_0003']],
  [{ underOwnName: 'extract' }, 'Query,Extract', 'backup', undefined],
  [{}, 'Query', 'ana', undefined],
  [{ needsExtract: true }, 'Query', 'ana', [403, 'GWM_0003']],
  [{}, 'Query', 'ben', [403, 'GWM_0003']],
  [{ refuse: { code: 500, message: 'no' } }, 'Query', 'ana', [500]],
] as [Partial<ExportRules>, string, string, [number, string?] | undefined][]) {
  test(`an administrator exports as ${user} with ${capabilities}, ${JSON.stringify(rules)}: ${expected?.[0] ?? 'ok'}`, async (t) => {
    const { admin, start } = await openExport(t, rules, capabilities);
    assert.deepEqual(errorOf(await start(admin, user)), expected);
  });
}

test('other members and strangers export nothing', async (t) => {
  const { ana, ben, nobody, start, service, org } = await openExport(t);
  org.quietlyEdit(service.id, { access: 'public' });
  assert.deepEqual(errorOf(await start(ben, 'ben')), [403, 'GWM_0003']);
  assert.deepEqual(errorOf(await start(nobody, 'ana')), [403, 'GWM_0003']);
  assert.equal(errorOf(await start(ana, 'ana')), undefined);
});

test('CSV of one table is a CSV, of several layers a collection; a geodatabase of tables alone is refused', async (t) => {
  const { admin, start, org, portal } = await openExport(t);
  const itemId = org.addService({ owner: 'ana', title: 'Inspections', tables: ['T'] }).record.id;
  assert.equal((await start(admin, 'ana', { exportFormat: 'csv' })).type, 'CSV Collection');
  assert.equal((await start(admin, 'ana', { itemId, exportFormat: 'CSV' })).type, 'CSV');
  assert.deepEqual(errorOf(await start(admin, 'ana', { itemId })), [400]);
  portal.jobs.set(itemId, { tablesOnly: 'works' });
  assert.equal(errorOf(await start(admin, 'ana', { itemId })), undefined);
});

test('what is not hosted cannot be exported', async (t) => {
  const { admin, start, org } = await openExport(t);
  const itemId = org.addService({ owner: 'ana', title: 'Registered', layers: ['A'], hosted: false }).record.id;
  assert.deepEqual(errorOf(await start(admin, 'ana', { itemId })), [400]);
});

test('a second export of one name is a second item, or 409 where the portal refuses twins', async (t) => {
  const { admin, start, portal } = await openExport(t);
  assert.notEqual((await start(admin, 'ana')).exportItemId, (await start(admin, 'ana')).exportItemId);
  portal.jobs.rules.sameName = 'refused';
  assert.deepEqual(errorOf(await start(admin, 'ana')), [409, 'CONT_0027']);
});

test('the same state gives the same bytes; after edits of rows or schema they differ', async (t) => {
  const { org, service } = await openExport(t);
  const bytes = () => org.truth(service.id).export()?.sha256();
  const before = bytes();
  assert.equal(bytes(), before);
  org.editRows(service.id, 1);
  const edited = bytes();
  assert.notEqual(edited, before);
  org.editSchema(service.id, 0);
  assert.notEqual(bytes(), edited);
});
