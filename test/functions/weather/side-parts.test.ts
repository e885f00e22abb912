import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { assertSameAsPortal, readArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { contentOf, fixture } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import type { ItemRecord } from '../../support/portal/words.ts';
import type { Replacements } from '../../../lib/replacements.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';

const day = 86_400_000;
/** Every part with every answer; else every part with three or four of them, and every answer with three parts. */
const isLong = process.env['LONG'] !== undefined;

const page = (status: number): FaultAnswer => ({
  status,
  headers: { 'Content-Type': 'text/html' },
  body: '<!DOCTYPE html><html><body>No.</body></html>',
});
const esri = (code: number, message: string, more = {}): FaultAnswer => ({ error: { code, message, ...more } });

/** What may come in place of a part. */
const answers: Record<string, FaultAnswer> = {
  'a page with 403': page(403),
  'a refusal in JSON': esri(403, 'You do not have permissions', { messageCode: 'GWM_0003' }),
  'a page with 404': page(404),
  'a status of 500': { status: 500 },
  'a page with 200': 'html',
  'nothing with 200': { status: 200, body: '' },
  'a body that is cut short': { cutAfter: 3 },
  'a broken connection': 'reset',
  'an error in JSON with 200': esri(500, 'Internal error'),
  'a bad request in JSON with 200': esri(400, 'Unable to complete operation.'),
};

interface Side {
  type: 'form' | 'layer';
  /** as backup.json names it */
  part: string;
  /** is the request one for it? */
  asks: (path: string, record: ItemRecord, query: Record<string, string>) => boolean;
  /** the file that stays, where it is another one */
  file?: string;
}

const service = ({ url }: ItemRecord) => (url ?? assert.fail()).replace('{portal}', '');

const sides: Side[] = [
  { type: 'form', part: 'thumbnail.png', asks: (path, { id }) => path.includes(`${id}/info/thumbnail`) },
  { type: 'form', part: 'info/form.json', asks: (path, { id }) => path.endsWith(`${id}/info/form.json`) },
  { type: 'form', part: 'metadata.xml', asks: (path, { id }) => path.includes(`${id}/info/metadata`) },
  { type: 'form', part: 'sharing.json', asks: (path, { id }) => path.endsWith(`/users/backup/items/${id}`) },
  {
    type: 'form',
    part: 'related.json',
    asks: (path, { id }, query) =>
      path.endsWith(`${id}/relatedItems`) && query['relationshipType'] === 'Survey2Service',
  },
  {
    type: 'form',
    part: 'resources',
    asks: (path, { id }) => path.endsWith(`${id}/resources`),
    file: 'resources/b.json',
  },
  { type: 'form', part: 'resources/b.json', asks: (path, { id }) => path.endsWith(`${id}/resources/b.json`) },
  { type: 'layer', part: 'layers.json', asks: (path, record) => path.endsWith(service(record)) },
  {
    type: 'layer',
    part: 'layers.json',
    asks: (path, record) => path.endsWith(service(record).replace('/rest/', '/rest/admin/')),
  },
];

/** An item with everything beside it. */
function add(org: Organization, type: Side['type'], title: string): ItemRecord {
  if (type === 'layer') return org.addService({ owner: 'backup', title, layers: ['A'] }).record;
  const { record } = org.addItem({
    owner: 'backup',
    type: 'Form',
    title,
    file: 'form.zip',
    metadata: '<metadata/>',
    infos: {
      'thumbnail/form.png': fixture('thumbnail.png'),
      'form.json': contentOf('{"n":1}', 'application/json'),
    },
    resources: { 'b.json': contentOf('{"n":1}') },
  });
  return record;
}

type Case = Side & { name: string; answer: FaultAnswer };

const table = sides.flatMap((side, n) =>
  Object.entries(answers)
    .filter((_answer, m) => isLong || (n + m) % 3 === 0)
    .map(([name, answer]): Case => ({ ...side, name, answer })),
);

test('whatever comes in place of a side part costs neither the item nor the version before, is told, and heals', (t) =>
  live(t, table));

test('a side part that is waited for until the time is up keeps its version, and heals', async (t) => {
  const hanging = sides.map((side): Case => ({ ...side, name: 'no answer in time', answer: 'hang' }));
  // Whoever is late for another reason is asked once more.
  await live(t, hanging, { answer: 400, idle: 400, tries: 2 });
});

async function live(t: TestContext, table: readonly Case[], timeouts?: Replacements['timeouts']): Promise<void> {
  const org = new Organization();
  const target = add(org, 'layer', 'Target');
  const cases = table.map((each, n) => {
    const record = add(org, each.type, `${n} ${each.name}`);
    if (each.type === 'form') org.relate(record.id, target.id, 'Survey2Service');
    return { ...each, record };
  });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const settings = { BACKUP_RECHECK_DAYS: '1' };
  const { portal, run, clock, open } = await newBackup(t, { org, store, settings });
  if (timeouts) await open({ timeouts });
  const first = await run();
  assert.deepEqual([first.outcome, first.failed, first.gaps], ['complete', 0, 0], JSON.stringify(first.failures));
  const before = await readArchive(store);

  for (const { record, asks, answer } of cases) {
    org.quietlyEdit(record.id, { snippet: 'new' });
    portal.faults.add({ match: ({ path, query }) => asks(path, record, query), times: Infinity, answer });
  }
  clock.advance(day);
  const second = await run();
  assert.deepEqual([second.outcome, second.failed], ['partial', 0], JSON.stringify(second.failures.slice(0, 3)));
  const now = await readArchive(store);
  for (const { part, file = part, name, record } of cases) {
    const why = `${record.title}: ${part}`;
    const held = now.items.get(record.id) ?? assert.fail(why);
    assert.match((await now.read(`${held.path}/item.json`)).toString(), /"snippet": "new"/, why);
    const { gaps = [], notes } = held.manifest;
    const isGap = gaps.some((gap) => gap.part === part);
    const said = notes.filter((note) => note.part === part).map(({ code }) => code);
    // What the portal says that it does not have goes: the commit shows it.
    const isGone = !held.manifest.parts.some((each) => each.path === file);
    assert.ok(isGap || said.length > 0 || (isGone && /404|nothing|bad request/.test(name)), `${why}: nothing says so`);
    assert.equal(
      second.failures.some((failure) => failure.itemId === record.id && failure.part === part),
      isGap,
      why,
    );
    if (!isGap && (isGone || said.includes('NOT_THERE'))) continue;
    assert.deepEqual(await now.read(`${held.path}/${file}`), await before.read(`${held.path}/${file}`), why);
  }

  portal.faults.clear();
  clock.advance(day);
  const third = await run();
  assert.deepEqual([third.outcome, third.failed, third.gaps], ['complete', 0, 0], JSON.stringify(third.failures));
  await assertSameAsPortal(await readArchive(store), portal);
}
