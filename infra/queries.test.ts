import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { logLine, type LogEvent } from '../lib/monitor/log.ts';
import { newBackup } from '../test/support/backup.ts';
import { fixture } from '../test/support/portal/content.ts';
import { Organization } from '../test/support/portal/organization.ts';
import { complaints } from './kusto.ts';
import { resourcesOf } from './snapshot.ts';

const folder = new URL('queries/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.kql'));
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

for (const name of files) {
  test(`Kusto takes ${name} as it stands`, () => assert.deepEqual(complaints(read(name)), []));
}

test('Kusto complains of a column that a table does not have', () => {
  assert.equal(complaints('AppTraces | where Mesage == ""').length, 1);
});

/** The lines of a run with a failure, and of one that does not get in. */
async function linesOfRuns(t: TestContext): Promise<LogEvent[]> {
  const org = new Organization();
  const privileges = ['portal:admin:viewUsers', 'portal:admin:viewItems'];
  org.addMember('helper', { role: 'org_publisher', privileges });
  const settings = {
    RESTORE_USERNAME: 'helper',
    RESTORE_PASSWORD: 'helper-password',
    RESTORE_DRILL_SCHEDULE: '0 0 3 1 * *',
  };
  const data = fixture('flyer.pdf');
  const good = org.addItem({ owner: 'backup', title: 'Good', type: 'PDF', data, name: 'good.pdf', access: 'org' });
  const { record } = org.addItem({ owner: 'backup', title: 'Bad', type: 'PDF', data, name: 'bad.pdf' });
  const { portal, run, open, events } = await newBackup(t, { org, settings });
  const always = { times: Infinity, answer: 'html' } as const;
  portal.faults.add({ match: ({ path }) => path.includes(`${record.id}/data`), ...always });
  assert.equal((await run()).outcome, 'partial');
  org.quietlyEdit(good.record.id, { access: 'public' });
  assert.equal((await run()).losses?.length, 1);
  await restoreInVain(await open());
  portal.faults.add({ match: ({ path }) => !path.includes('/data'), ...always });
  assert.equal((await run()).outcome, 'failed');
  const { host } = await open();
  await host.runTimer('startVerify');
  await host.completed('ago-backup-verify');
  return events;
}

/** Starts a restore with an account that may not do it. */
async function restoreInVain({ host }: Awaited<ReturnType<Awaited<ReturnType<typeof newBackup>>['open']>>) {
  const post = (path: string, body = '') => host.request({ method: 'POST', path, headers: {}, body });
  const planned = await post('/api/restores', '{"items": ["Good"], "at": "previous"}');
  const { restoreId } = JSON.parse(planned.body) as { restoreId: string };
  assert.equal((await post(`/api/restores/${restoreId}/start`)).status, 202, planned.body);
  await host.completed('ago-backup-restore');
  await host.runTimer('startDrill');
  await host.completed('ago-backup-restore');
}

/** What a query reads of a log line, and of which events. */
function asked(query: string): { events: string[]; fields: string[] } {
  const text = query.replace(/\/\/.*$/gm, '');
  const fields = [...text.matchAll(/(?:\bline|parse_json\(Message\))(?:\.(\w+)|\["(\w+)"\])/g)];
  const events = [...text.matchAll(/"([a-z]+\.[a-z]+)"/g)];
  return { events: events.map(([, name]) => String(name)), fields: fields.map(([, a, b]) => String(a ?? b)) };
}

test('what the queries read of log lines, real runs write', async (t) => {
  const lines = (await linesOfRuns(t)).map((event) => logLine(event));
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) assert.ok(line.startsWith('{"event":'), line);
  for (const name of files) {
    const { events, fields } = asked(read(name));
    for (const event of events)
      assert.ok(
        parsed.some((line) => line['event'] === event),
        `${name}: ${event}`,
      );
    const relevant = parsed.filter((line) => events.includes(String(line['event'])));
    for (const field of fields)
      assert.ok(
        relevant.some((line) => field in line),
        `${name}: ${field}`,
      );
  }
  // The alarms have their conditions from here.
  assert.ok(parsed.some((line) => line['event'] === 'run.completed' && line['outcome'] === 'partial'));
});

test('every alarm looks further back than it is asked, and none is forgotten', () => {
  const rules = resourcesOf('main.bicepparam').filter(({ type }) => type.endsWith('/scheduledQueryRules'));
  const queries = rules.map(({ properties }) => JSON.stringify(properties));
  const alarms = files.filter((name) => name.startsWith('alarms/'));
  assert.equal(rules.length, alarms.length);
  for (const name of alarms) {
    const own = queries.find((text) => text.includes(JSON.stringify(read(name))));
    assert.match(own ?? '', /"evaluationFrequency":"PT1H","windowSize":"(PT2H|PT6H|P2D)"/, name);
  }
});

test('the workbook shows every query of its folder', () => {
  const workbook = resourcesOf('main.bicepparam').find(({ type }) => type.endsWith('/workbooks'));
  const { serializedData } = workbook?.properties as { serializedData: string };
  for (const name of files.filter((file) => file.startsWith('workbook/'))) {
    // Inside an expression a quote is doubled.
    assert.ok(serializedData.includes(read(name).replaceAll("'", "''")), name);
  }
});
