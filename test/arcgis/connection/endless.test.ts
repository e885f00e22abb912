import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundBroken } from '../../../lib/arcgis/connection/answer-bounds.ts';
import { refuseEndless } from '../../../lib/arcgis/connection/list-bounds.ts';
import { portalPair, readAll, readToEnd } from '../../support/open-portal.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { bomb, flood } from '../../support/portal/streams.ts';
import { readInSmallProcess } from '../../support/small-process.ts';

/** Pages of full size, each with entries that were never seen before. */
function newEntries(list: string, total: number, filler = ''): FaultAnswer {
  let n = 0;
  const entry = () => ({
    resource: `r${n++} ${filler}`,
    username: `u${n} ${filler}`,
    id: `i${n}`,
    owner: 'backup',
    modified: n,
  });
  return {
    edit: (page) => {
      const nextStart = (n += 100) + 1;
      return { ...page, total, nextStart, [list]: Array.from({ length: 100 }, entry), folders: [] };
    },
  };
}

for (const [name, resources, members] of [
  [
    'twenty million objects, and members that are more and more',
    { raw: flood('{"total":1,"nextStart":-1,"resources":[', '{},', 2e7, '{}]}') },
    newEntries('users', 900_000, 'x'.repeat(40_000)),
  ],
  ['a bomb, and a text without end', { raw: bomb('br', 10_000, '{"total":') }, { raw: flood('{"total":1,"x":"', 'x') }],
] as [string, FaultAnswer, FaultAnswer][]) {
  test(`a process with little memory outlives ${name}`, async (t) => {
    const { sim } = await portalPair(t);
    const { record } = sim.org.addItem({ owner: 'backup', type: 'StoryMap', title: 'River', json: {} });
    sim.faults.add({ match: /\/resources$/, times: Infinity, answer: resources });
    sim.faults.add({ match: /self\/users$/, times: Infinity, answer: members });
    assert.deepEqual(await readInSmallProcess(sim, record.id), ['PORTAL_ANSWER', 'PORTAL_ANSWER']);
  });
}

let page = 1;
for (const [name, answer, most] of [
  ['says that it has a million millions', newEntries('items', 1e12), 501],
  ['turns empty pages', { edit: (value) => ({ ...value, total: 3, items: [], nextStart: (page += 100) }) }, 103],
] as [string, FaultAnswer, number][]) {
  test(`a member's content that ${name} is given up after so many requests, in a sentence`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const match = /content\/users\/backup$/;
    sim.faults.add({ match, times: Infinity, answer });
    await assert.rejects(readAll(portal, 'backup'), {
      code: 'PORTAL_ANSWER',
      message: "The content of backup: the portal's listing does not end.",
    });
    assert.ok(sim.log.count(match) <= most, `${sim.log.count(match)} requests`);
  });
}

test('a member whose pages turn by fractions is read three times, and what is there is not taken for all', async (t) => {
  const { sim, portal } = await portalPair(t);
  const match = /content\/users\/backup$/;
  const answer: FaultAnswer = {
    edit: (value) => ({ ...value, total: 3, items: [], nextStart: 1 + (page += 1) / 1e6 }),
  };
  sim.faults.add({ match, times: Infinity, answer });
  const content = portal.content('backup');
  assert.deepEqual(await readToEnd(content), []);
  assert.equal(content.lacking?.code, 'COUNTS_MISMATCH');
  assert.equal(sim.log.count(match), 3);
});

test('groups without end are given up, and so is what is shared with one', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { id } = sim.org.addGroup('Crew');
  sim.faults.add({ match: /community\/groups$/, times: Infinity, answer: newEntries('results', 1e12) });
  sim.faults.add({ match: /content\/groups\//, times: Infinity, answer: newEntries('items', 1e12) });
  await assert.rejects(portal.groups(sim.org.id), { code: 'PORTAL_ANSWER' });
  await assert.rejects(portal.group(id), { code: 'PORTAL_ANSWER' });
});

for (const [name, size, isRefused] of [
  ['300,000 resources of one item', { total: 300_000, entries: 300_000, pages: 3000 }, false],
  ['50,000 items in folders, of which the total says nothing', { total: 7, entries: 50_000, pages: 500 }, false],
  ['a portal that gives half of every page', { total: 50_000, entries: 50_000, pages: 1000 }, false],
  ['100,000 members with long descriptions', { total: 1e5, entries: 1e5, pages: 1000, characters: 1.5e8 }, false],
  ['entries beyond a million', { total: 3, entries: 1_000_001, pages: 10_000 }, true],
  ['50,000 entries without a total', { total: undefined, entries: 50_000, pages: 500 }, false],
  ['more without a total', { total: undefined, entries: 50_001, pages: 501 }, true],
  ['a total beyond a million', { total: 1_000_001, entries: 100, pages: 1 }, true],
  ['a total that is no number', { total: NaN, entries: 100, pages: 1 }, true],
  ['pages with an entry each', { total: 5000, entries: 205, pages: 205 }, true],
  ['entries of a kilobyte each, a million of them', { total: 1e6, entries: 3e5, pages: 3000, characters: 3e8 }, true],
] as const) {
  test(`${name} ${isRefused ? 'are a listing without end' : 'are an honest listing'}`, () => {
    const refuse = () => refuseEndless('The list', size);
    if (isRefused) assert.throws(refuse, { code: 'PORTAL_ANSWER' });
    else assert.doesNotThrow(refuse);
  });
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
for (const [name, text, isBroken] of [
  ['the ids of three million rows', `{"objectIds":[${'1234567,'.repeat(3e6)}1]}`, false],
  [
    'a coast of 400,000 points',
    `{"features":[{"geometry":{"coordinates":[[${'[-83.123456,42.123456],'.repeat(4e5)}[0,0]]]}}]}`,
    false,
  ],
  ['brackets in texts', JSON.stringify({ [nested(500)]: ['\\'.repeat(3), '"[[['.repeat(500), nested(500)] }), false],
  ['a hundred levels', nested(100), false],
  ['a hundred and one', nested(101), true],
  ['levels behind a quote that is one', `{"a":"\\\\","b":${nested(101)}}`, true],
  ['levels that are never closed', '{"a":'.repeat(101), true],
  ['levels behind closed ones', `[${'[],'.repeat(50)}${nested(101)}]`, true],
  ['two million arrays', `[${'[],'.repeat(2_000_000)}0]`, true],
  ['a gigabyte of indentation in a megabyte', `${'['.repeat(99)}${'0,'.repeat(700_000)}0${']'.repeat(99)}`, true],
] as [string, string, boolean][]) {
  test(`an answer with ${name} is ${isBroken ? 'not read' : 'read'}`, () => {
    assert.equal(boundBroken(text) !== undefined, isBroken);
  });
}
