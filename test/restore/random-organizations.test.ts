import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArchive, type Held } from '../support/archive.ts';
import { portraitOf } from '../support/mixed.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';
import { readZip } from '../support/portal/unzip.ts';
import { dice, fillRandom, loseRandom } from '../support/random-organization.ts';
import { newWorld, type Ending, type World } from '../support/restore.ts';

/**
 * Random organizations with random losses: what is restored is what was saved, by the portal's own memory and by what a backup finds
 * then; taken back it is the damage again. `SEED=n` begins at another one.
 */
const isLong = process.env['LONG'] === '1';
const first = Number(process.env['SEED'] ?? 1);
const many = isLong ? 500 : 6;

/** Fields of a record that are the portal's own. */
const ofPortal = [
  'id',
  'created',
  'modified',
  'lastModified',
  'ownerFolder',
  'size',
  'numViews',
  'scoreCompleteness',
  'thumbnail',
  'guid',
  'url',
];

/** What an archive holds of each item, with names in place of ids: records, texts, and how many rows. */
async function heldIn(archive: Held, names: ReadonlyMap<string, string>): Promise<Map<string, unknown>> {
  const plain = (text: string) => text.replaceAll(/[0-9a-f]{32}(?![0-9a-f])/g, (id) => names.get(id) ?? '<none>');
  const textOf = async (path: string, bytes: Buffer) => {
    if (path.endsWith('.zip')) return (await readZip(bytes)).map(([name, each]) => [name, plain(each.toString())]);
    return plain(bytes.toString('latin1'));
  };
  const found = new Map<string, unknown>();
  for (const { manifest, path } of archive.items.values()) {
    const parts: unknown[] = [];
    for (const { role, path: part } of manifest.parts) {
      // What services are made of tells their own ids and dates; the portal's own memory is compared beside this.
      if (role === 'layers' || role === 'export') continue;
      const bytes = await archive.read(`${path}/${part}`);
      if (role === 'related' || role === 'record' || part === 'sharing.json')
        parts.push([role, inAnyOrder(JSON.parse(plain(bytes.toString())))]);
      else parts.push([role, part, await textOf(part, bytes)]);
    }
    const { title, type, owner, folder, layers = [] } = manifest;
    const rows = layers.map(({ id, rows: count }) => [id, count]);
    found.set(title, { type, owner, folder, rows, parts: parts.map((part) => JSON.stringify(part)).sort() });
  }
  return found;
}

/** Without what is the portal's own, and with lists in one order. */
function inAnyOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const own = value.filter((each) => !/^(?:source|restore)-|^Multilayer$/.test(String(each)));
    return own.map(inAnyOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([key]) => !ofPortal.includes(key));
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, inAnyOrder(each)]));
}

function namesIn({ items, groups }: Organization): Map<string, string> {
  const all = [...items.values()].map(({ record: { id, title } }) => [id, `<${title ?? ''}>`] as const);
  return new Map([...all, ...[...groups.values()].map(({ id, title }) => [id, `<${title}>`] as const)]);
}

async function live(t: Ending, seed: number): Promise<string> {
  const about = `SEED=${seed}`;
  const world = await newWorld(t);
  const { org, store } = world;
  const roll = dice(seed);
  const all = await fillRandom(world, roll);
  await world.backup();
  const [saved, held] = [await portraitOf(world), await heldIn(await readArchive(store), namesIn(org))];
  const at = (await world.restores().plan({ items: all.items.slice(0, 1) })).plan.items[0]?.commit ?? '';
  if (seed % 4 === 0) await elsewhere(t, world, { ...all, at }, { saved, about });
  const request = { ...loseRandom(world, roll, all), at };
  const damaged = await portraitOf(world);
  const result = await world.restore(request);
  const bad = result.items.filter(({ outcome }) => outcome !== 'restored');
  assert.equal(result.outcome, 'complete', `${about}: ${JSON.stringify(bad)}`);
  assert.deepEqual(await portraitOf(world), saved, about);
  // All of it anew: a relation that an item got from its other end does not show in its own date.
  await world.backup({ force: true });
  assert.deepEqual(await heldIn(await readArchive(store), namesIn(org)), held, `${about}: a backup finds a difference`);
  if (result.beforeCommit === null && Object.keys(result.ids).length === 0) return 'nothing was lost';
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(
    undone.outcome,
    'complete',
    `${about}, taken back: ${JSON.stringify(undone.items.filter(({ outcome }) => outcome !== 'restored'))}`,
  );
  assert.deepEqual(await portraitOf(world), damaged, `${about}, taken back`);
  return 'restored';
}

/** Into an empty organization that has the members. */
async function elsewhere(
  t: Ending,
  world: World,
  request: { items: string[]; groups: string[]; at: string },
  { saved, about }: { saved: unknown; about: string },
): Promise<void> {
  const { env, clock } = world;
  const org = new Organization();
  Object.assign(org, { id: 'another' });
  // No portal makes an id that another one has made.
  for (let n = 0; n < 10_000; n++) org.newId();
  for (const [name, account] of world.org.accounts) if (!org.accounts.has(name)) org.addMember(name, account);
  const other = await startPortal({ org, clock });
  t.after(() => other.close());
  env['RESTORE_PORTAL_URL'] = other.url;
  const result = await world.restore(request);
  delete env['RESTORE_PORTAL_URL'];
  assert.equal(result.outcome, 'complete', `${about}, elsewhere: ${JSON.stringify(result.items)}`);
  assert.deepEqual(await portraitOf({ org }), saved, `${about}, elsewhere`);
}

test(`${many} random organizations with random losses come back as they were, and taking that back gives the losses back`, async () => {
  const ends = new Map<string, number>();
  for (let seed = first; seed < first + many; seed++) {
    const closing: (() => Promise<void>)[] = [];
    try {
      const end = await live({ after: (close) => void closing.push(close) }, seed);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } finally {
      for (const close of closing) await close();
    }
  }
  assert.ok((ends.get('restored') ?? 0) > many / 2, JSON.stringify([...ends]));
});
