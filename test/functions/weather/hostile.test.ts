import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunRecord } from '../../../lib/backup/run.ts';
import { cloneArchive, type Archive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { contentOf } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import type { NewItem } from '../../support/portal/new-item.ts';
import type { NewService } from '../../support/portal/new-service.ts';
import { Organization } from '../../support/portal/organization.ts';
import type { SimulatedPortal } from '../../support/portal/portal.ts';
import { bomb, flood, storm, verbatim } from '../../support/portal/streams.ts';

type Json = Record<string, unknown>;

/** One attack: what the member under it owns, and what the portal answers about it. */
interface Attack {
  name: string;
  item?: Partial<NewItem>;
  service?: Partial<NewService>;
  /** below content/items/{id}, or the service; `listing`: the member's content */
  at?: string;
  answer?: FaultAnswer;
  /** more than that; gives the answer where it needs the portal */
  arm?: (portal: SimulatedPortal, itemId: string) => void;
  /** how it fails; none: it is saved */
  code?: string | undefined;
  /** of a listing: which of its two items are saved */
  keeps?: 'all' | 'neighbour' | 'nothing';
  /** requests at the address under attack, at most */
  most?: number;
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const document = (body: string): FaultAnswer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body,
});
const edit = (change: (json: Json) => Json): FaultAnswer => ({ edit: change });
const ofItems = (change: (item: Json) => Json) =>
  edit((page) => ({ ...page, items: (page['items'] as Json[]).map(change) }));
const firstOf = (page: Json) => (page['items'] as Json[])[0] ?? {};

const wrong = (
  name: string,
  answer: FaultAnswer,
  code: string | undefined = 'PORTAL_ANSWER',
  keeps: Attack['keeps'] = 'nothing',
): Attack => ({ name: `a listing whose ${name}`, at: 'listing', answer, code, keeps });
/** One whose items are saved all the same. */
const odd = (name: string, answer: FaultAnswer): Attack => ({ ...wrong(name, answer), code: undefined, keeps: 'all' });

const listings: Attack[] = [
  wrong(
    'total is a text',
    edit((page) => ({ ...page, total: '1' })),
    'COUNTS_MISMATCH',
    'all',
  ),
  wrong(
    'total is below nothing',
    edit((page) => ({ ...page, total: -1e300 })),
    'COUNTS_MISMATCH',
    'all',
  ),
  wrong(
    'total is beyond all numbers',
    document('{"total":1e999,"nextStart":-1,"items":[]}'),
    'COUNTS_MISMATCH',
    'nothing',
  ),
  wrong(
    'total is a billion',
    edit((page) => ({ ...page, total: 1e9 })),
    'COUNTS_MISMATCH',
    'all',
  ),
  wrong(
    'items are an object',
    edit((page) => ({ ...page, items: { length: 3 } })),
  ),
  wrong('items are nested in each other', document(`{"total":1,"nextStart":-1,"items":${deep(100_000)}}`)),
  wrong(
    'folders are a hundred thousand',
    document(`{"total":0,"nextStart":-1,"items":[],"folders":[${'{"id":"f"},'.repeat(20_000)}{"id":"g"}]}`),
  ),
  wrong('answer is forty million empty objects', { raw: flood('{"total":1,"nextStart":-1,"items":[', '{},') }),
  wrong('answer unpacks to gigabytes', { raw: bomb('gzip', 4096, '{"total":') }),
  odd(
    'items have a number for a title',
    ofItems((item) => ({ ...item, title: 7 })),
  ),
  odd(
    'items have an object for a title',
    ofItems((item) => ({ ...item, title: { toString: 'x' } })),
  ),
  odd(
    'items were created yesterday',
    ofItems((item) => ({ ...item, created: 'yesterday' })),
  ),
  odd(
    'items have no date',
    ofItems(({ modified: _, ...item }) => item),
  ),
  wrong(
    'items have slashes in their ids',
    ofItems((item) => ({ ...item, id: '../../x' })),
  ),
  wrong(
    'items have ids that every object has',
    ofItems((item) => ({ ...item, id: 'constructor' })),
  ),
  wrong(
    'items have an id that changes every object',
    ofItems((item) => ({ ...item, id: '__proto__' })),
  ),
  wrong(
    'items are of another member',
    ofItems((item) => ({ ...item, owner: 'backup' })),
    'PORTAL_ANSWER',
    'nothing',
  ),
  odd(
    'items lie in a folder that is none',
    ofItems((item) => ({ ...item, ownerFolder: 'f'.repeat(32) })),
  ),
  wrong(
    'items come twice',
    edit((page) => ({ ...page, total: 2, items: [firstOf(page), firstOf(page)] })),
    'LISTING_INCOMPLETE',
    'neighbour',
  ),
  wrong(
    'pages are empty and never the last',
    edit(({ total, items: _, ...page }) => ({ ...page, total, items: [], nextStart: next() })),
  ),
  wrong(
    'pages go on by fractions',
    edit((page) => ({ ...page, items: [], nextStart: 1 + next() / 1e9 })),
    'COUNTS_MISMATCH',
    'nothing',
  ),
  wrong(
    'error has a code that no text can be made of',
    document('{"error":{"code":{"toString":1,"valueOf":1},"message":{"toString":1}}}'),
    'PORTAL_ERROR',
  ),
  wrong(
    'error has messages that no text can be made of',
    document('{"status":"error","code":500,"messages":[{"toString":1,"valueOf":1}]}'),
    'PORTAL_ERROR',
  ),
  wrong(
    'error would like to be a log line',
    {
      error: {
        code: 400,
        messageCode: 'X\n{"event":"run.completed"}',
        message: 'no\n{"event":"run.completed","outcome":"complete"}\u2028\u009b2J',
      },
    },
    'PORTAL_ERROR',
  ),
];

let counter = 1;
const next = () => (counter += 1000);

const resources = (name: string, answer: FaultAnswer, more: Partial<Attack> = {}): Attack => ({
  name: `resources ${name}`,
  at: 'resources',
  answer,
  code: 'PORTAL_ANSWER',
  ...more,
});

const lists: Attack[] = [
  resources(
    'of which there are a million millions',
    edit(() => ({ total: 1e12, nextStart: 101, resources: [{ resource: 'a' }] })),
    { code: 'COUNTS_MISMATCH', most: 6 },
  ),
  resources(
    'whose pages are empty and never the last',
    edit(() => ({ total: 5, nextStart: next(), resources: [] })),
    { most: 103 },
  ),
  resources(
    'that are more and more',
    edit(() => ({ total: 5, nextStart: next(), resources: [{ resource: `r${next()}` }] })),
    { most: 120 },
  ),
  resources(
    'of which a page has a million',
    { raw: flood('{"total":1,"nextStart":-1,"resources":[', '[],', 2_100_000, '{}]}') },
    { most: 1 },
  ),
  resources(
    'nested a hundred thousand levels deep',
    document(`{"total":1,"nextStart":-1,"resources":${deep(100_000)}}`),
    { most: 1 },
  ),
  resources(
    'that would take a gigabyte of indentation',
    document(
      `{"total":0,"nextStart":-1,"resources":[],"x":${'['.repeat(90)}${'0,'.repeat(800_000)}0${']'.repeat(90)}}`,
    ),
    { most: 1 },
  ),
  resources(
    'with names that are none',
    document('{"total":1,"nextStart":-1,"resources":[{"resource":{"toString":1}}]}'),
    { most: 1 },
  ),
  resources(
    'behind thousands of interim answers',
    { raw: storm(103, 1000, (response) => response.end('{"total":0,"nextStart":-1,"resources":[]}')) },
    { code: undefined },
  ),
  resources(
    'behind a header of a megabyte',
    { raw: verbatim(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n{}`) },
    { code: 'PORTAL_UNREACHABLE', most: 5 },
  ),
  {
    name: 'related items without end',
    at: 'relatedItems',
    answer: edit(() => ({ nextStart: next(), relatedItems: [{ id: 'x' }] })),
    code: 'PORTAL_ANSWER',
    most: 110,
  },
  {
    name: 'related items nested a hundred thousand levels deep',
    at: 'relatedItems',
    answer: document(`{"relatedItems":${deep(100_000)}}`),
    code: 'PORTAL_ANSWER',
    most: 1,
  },
];

const data = (name: string, answer: FaultAnswer, more: Partial<Attack> = {}): Attack => ({
  name: `data ${name}`,
  at: 'data',
  answer,
  code: 'ITEM_DAMAGED',
  most: 1,
  ...more,
});

const files: Attack[] = [
  data(
    'of nine petabytes',
    {
      raw: (response) => void response.writeHead(200, { 'Content-Length': '9007199254740991' }).write('PK'.repeat(500)),
    },
    { most: 2 },
  ),
  data(
    'with a length that is none',
    { raw: verbatim('HTTP/1.1 200 OK\r\nContent-Length: 12, 13\r\n\r\nhello') },
    { code: 'PORTAL_UNREACHABLE', most: 5 },
  ),
  data(
    'with two lengths',
    {
      raw: verbatim(
        'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      ),
    },
    { code: 'PORTAL_UNREACHABLE', most: 5 },
  ),
  data(
    'that promises more than comes',
    { raw: verbatim(`HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(600)}`) },
    { code: 'ITEM_TRUNCATED', most: 7 },
  ),
  data('nested a hundred thousand levels deep', document(deep(100_000)), { code: undefined, most: 2 }),
];

const everywhere = [
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://[::1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[fd00:ec2::254]/',
  'https://127.2/',
  'https://localhost./',
  'https://metadata.google.internal./',
  'https://metadata/',
  'https://printer.local/',
  'https://vault.service.internal/',
  'http://storage.example.com/',
  'file:///etc/passwd',
  'data:application/json,{"layers":[]}',
  'ftp://files.example.com/x',
  'javascript:alert(1)',
  'https://user:secret@storage.example.com/',
];
const redirects = everywhere.map((target) =>
  data(`that lies at ${target}`, { redirect: target }, { code: 'HOST_FOREIGN' }),
);

const service = (name: string, url: string, code = 'HOST_FOREIGN'): Attack => ({
  name: `a service at ${name}`,
  service: { url },
  code,
});
const services: Attack[] = [
  ...everywhere.map((url) =>
    service(
      url,
      `${url}arcgis/rest/services/x/FeatureServer`,
      url.startsWith('https://user') ? 'HOST_FOREIGN' : 'HOST_FOREIGN',
    ),
  ),
  service('a foreign host', '{foreign}/arcgis/rest/services/x/FeatureServer'),
  service('the user of a foreign host', 'http://backup:secret@127.0.0.1/arcgis/rest/services/x/FeatureServer'),
  service("the portal's own administration", '{portal}/arcgis/portaladmin/security/config', 'PORTAL_ERROR'),
  service("another item's deletion", '{portal}/sharing/rest/content/users/backup/items/x/delete', 'PORTAL_ERROR'),
  service(
    'the way out of the services',
    '{portal}/arcgis/rest/services/x/../../../sharing/rest/portals/self',
    'PORTAL_ERROR',
  ),
  service(
    'a path of a hundred thousand slashes',
    `{portal}/arcgis/rest/services/${'/'.repeat(100_000)}x`,
    'PORTAL_ERROR',
  ),
];

const layers = (name: string, answer: FaultAnswer, code: string, more: Partial<Attack> = {}): Attack => ({
  name: `layers ${name}`,
  service: { viewOf: 'none' },
  at: 'layers',
  answer,
  code,
  ...more,
});
const asking: Attack[] = [
  layers(
    'that ask for a token',
    { error: { code: 499, messageCode: 'GWM_0003', message: 'Token Required' } },
    'PORTAL_REFUSED',
  ),
  layers('that never take the token', 'expiredToken', 'PORTAL_REFUSED'),
  layers(
    'that ask for a password',
    { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="token please"' } },
    'PORTAL_REFUSED',
  ),
  layers(
    'that name another place for tokens',
    document(
      '{"error":{"code":499,"message":"Token Required"},"authInfo":{"tokenServicesUrl":"https://evil.example/"},"tokenUrl":"https://evil.example/"}',
    ),
    'PORTAL_REFUSED',
  ),
  layers(
    'that lead to another host',
    { redirect: 'https://evil.example/arcgis/rest/services/x/FeatureServer/layers' },
    'HOST_FOREIGN',
  ),
  layers(
    'nested a hundred thousand levels deep',
    document(`{"layers":[{"id":0,"x":${deep(100_000)}}]}`),
    'PORTAL_ANSWER',
  ),
  layers(
    'of which there are a hundred thousand',
    document(`{"layers":[${Array.from({ length: 100_000 }, (_, id) => `{"id":${id}}`).join()}]}`),
    'PORTAL_ANSWER',
  ),
  layers(
    'of which one comes twice',
    edit(({ layers: all }) => ({ layers: [...(all as Json[]), ...(all as Json[])] })),
    'PORTAL_ANSWER',
  ),
  layers('with a text for an id', document('{"layers":[{"id":"../../x"}]}'), 'PORTAL_ANSWER'),
  layers('with an endless id', document('{"layers":[{"id":1e999}]}'), 'PORTAL_ANSWER'),
  layers('with rows that nobody can count', document('{"objectIds":[1,2,3],"count":"three"}'), 'PORTAL_ANSWER', {
    at: '0/query',
  }),
  layers(
    'with rows of which more come than there are',
    document('{"objectIds":[1,1,1,1,1],"count":5}'),
    'PORTAL_ANSWER',
    { at: '0/query' },
  ),
  {
    // Its rows are read without ids.
    name: 'layers with an id of a row that no text can be made of',
    service: { viewOf: 'none' },
    at: '0/query',
    answer: document('{"objectIds":[1],"count":1,"features":[{"properties":{"OBJECTID":{"toString":1,"valueOf":1}}}]}'),
  },
];

const exports: Attack[] = [
  {
    name: 'an export that says null',
    service: {},
    arm: ({ jobs }, id) => void jobs.set(id, { end: 'failed', message: 'null' }),
  },
  {
    name: 'an export that is the item of another member',
    service: {},
    arm: ({ faults, org }, id) => {
      const victim = [...org.items.values()].find(({ record }) => record.title === 'Neighbour')?.record.id;
      faults.add({
        match: ({ path, query }) => path.endsWith('/export') && query['itemId'] === id,
        times: Infinity,
        answer: document(JSON.stringify({ exportItemId: victim, jobId: 'x' })),
      });
    },
  },
];

const large: Attack[] = [
  {
    name: 'a title of ten million spaces, two million letters of description, and a hundred thousand tags',
    item: {
      title: `a${' '.repeat(1e7)}b`,
      snippet: 'ü'.repeat(2e6),
      tags: Array.from({ length: 100_000 }, (_, n) => `tag ${n}`),
    },
  },
  { name: 'a type of a million dots', item: { type: `a${'.'.repeat(1e6)}b` } },
  {
    name: 'a resource with a hundred thousand folders',
    item: { resources: { ['a/'.repeat(100_000)]: contentOf('x') } },
    code: 'ITEM_DAMAGED',
  },
  {
    name: 'properties that would change every object',
    arm: ({ org }, id) =>
      org.quietlyEdit(id, {
        properties: JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown,
      }),
  },
];

const attacks = [...listings, ...lists, ...files, ...redirects, ...services, ...asking, ...exports, ...large];

/** What is under an attack, and an item of the same member that is not. */
interface Place {
  user: string;
  id: string;
  near: string;
  match: RegExp;
}

/** Attacks on listings have a member each; the others share one. */
function placeAll({ org, faults }: SimulatedPortal): Map<Attack, Place> {
  const neighbour = (owner: string) => {
    org.addMember(owner);
    return org.addItem({ owner, type: 'Web Map', title: 'Neighbour', json: {} }).record.id;
  };
  const shared = { user: 'ana', near: neighbour('ana') };
  const placed = attacks.map((attack, n): [Attack, Place] => {
    const isListing = attack.at === 'listing';
    const { user, near } = isListing ? { user: `member${n}`, near: neighbour(`member${n}`) } : shared;
    const words = { owner: user, title: `Attack ${n}` };
    const { record, service: held } = attack.service
      ? org.addService({ ...words, layers: ['A'], ...attack.service })
      : org.addItem({ ...words, type: 'StoryMap', json: { n }, ...attack.item });
    const below = held ? `/services/${held.name}/FeatureServer/` : `/content/items/${record.id}/`;
    const match = new RegExp(isListing ? `/content/users/${user}$` : `${below}${attack.at ?? 'none'}$`);
    if (attack.answer) faults.add({ match, times: Infinity, answer: attack.answer });
    return [attack, { user, id: record.id, near, match }];
  });
  return new Map(placed);
}

function assertOutcome({ failures }: RunRecord, { items }: Archive, attack: Attack, { user, id, near }: Place): void {
  const isListing = attack.at === 'listing';
  const own = failures.filter(({ owner, itemId }) => (isListing ? owner === user : itemId === id));
  const expected = attack.code === undefined ? [] : [[attack.code, isListing ? null : id]];
  assert.deepEqual(
    own.map(({ code, itemId }) => [code, itemId]),
    expected,
    JSON.stringify(own).slice(0, 1000),
  );
  for (const { message, hint } of own) assert.ok(message.length < 2000 && hint.length > 20);
  // What was asked about one part costs that part: the rest of the item is saved.
  const isSaved = isListing ? attack.keeps === 'all' : own.every(({ part }) => part !== undefined);
  assert.equal(items.has(id), isSaved);
  if (isSaved && !isListing) assert.equal(items.get(id)?.manifest.gaps?.length ?? 0, own.length);
  assert.equal(items.has(near), !isListing || attack.keeps !== 'nothing', 'the neighbour is saved');
}

test('whatever a portal answers about one item or member costs that one only', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: new Organization() });
  const placed = placeAll(portal);
  for (const [attack, { id }] of placed) attack.arm?.(portal, id);
  const record = await run();
  assert.equal(record.outcome, 'partial', JSON.stringify(record.error));
  const archive = await cloneArchive(t, store);
  for (const [attack, place] of placed) {
    await t.test(attack.name, () => {
      assertOutcome(record, archive, attack, place);
      if (attack.most !== undefined)
        assert.ok(portal.log.count(place.match) <= attack.most, `${portal.log.count(place.match)} requests`);
    });
  }
  assert.equal(portal.log.filter(({ host }) => host === 'foreign').length, 0);
  assert.deepEqual(portal.leftovers(), []);
  assert.equal(({} as Json)['polluted'], undefined);
});

test('members whose names no address can hold fail alone, and what is said of the organization costs that part only', async (t) => {
  const org = new Organization();
  const { record: safe } = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: {} });
  const { portal, run, store } = await newBackup(t, { org });
  const names = ['..', '.', 'half \ud800', 'x/../../backup', '__proto__', 'y'.repeat(500), 'a\r\nx-evil: 1'];
  const add = (page: Json) => {
    const users = [...(page['users'] as Json[]), ...names.map((username) => ({ username }))];
    return { ...page, total: users.length, users };
  };
  portal.faults.add({ match: /self\/users$/, times: Infinity, answer: edit(add) });
  portal.faults.add({
    match: /portals\/self$/,
    times: Infinity,
    answer: document(`{"id":"x","user":${deep(100_000)}}`),
  });
  const roles = edit(() => ({ total: 5, nextStart: next(), roles: [] }));
  portal.faults.add({ match: /self\/roles$/, times: Infinity, answer: roles });
  const { outcome, failures, warnings, members } = await run();
  assert.deepEqual([outcome, members.failed], ['partial', names.length]);
  assert.deepEqual(
    failures.map(({ owner, itemId }) => [owner, itemId]).sort(),
    names.map((name) => [name, null]).sort(),
  );
  assert.deepEqual(
    warnings.map((text) => text.split(':')[0]),
    ['PORTAL_ANSWER', 'PORTAL_ANSWER'],
  );
  assert.ok((await cloneArchive(t, store)).items.has(safe.id));
});
