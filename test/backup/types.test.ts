import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { coverage } from '../../docs/coverage.ts';
import { typeGroups, typeInfo } from '../../lib/backup/types.ts';
import { typeRelations } from '../../lib/backup/types/relations.ts';
import { definitions } from '../../lib/settings/table.ts';

const rows = typeGroups.flatMap((group) => group.rows);
const all = rows.flatMap(({ types }) => types);

test('every type stands in the table once, whatever its case', () => {
  assert.deepEqual(
    all.filter((type, n) => all.findIndex((other) => other.toLowerCase() === type.toLowerCase()) !== n),
    [],
  );
  assert.ok(all.length > 200, `${all.length}`);
  for (const type of all) assert.match(type, /^[A-Za-z0-9][A-Za-z0-9 ]+$/);
});

test('every reason is one short sentence that fits in a table of Markdown', () => {
  for (const { why } of rows) assert.match(why, /^[A-Z][^|\n]{10,125}\.$/);
});

test('docs/coverage.md says which proof each class of content gets', () => {
  const proofs = coverage().split('## Proof')[1]?.split('\n## ')[0] ?? '';
  for (const each of [
    'rows, exported',
    'rows, by queries',
    'attachments',
    'file',
    'JSON',
    'resources',
    'metadata',
    'record',
  ])
    assert.match(proofs, new RegExp(`\\n\\| ${each}`), each);
});

test('docs/coverage.md is made from the table; run `node docs/coverage.ts` when it is not', async () => {
  assert.equal(await readFile(new URL('../../docs/coverage.md', import.meta.url), 'utf8'), coverage());
});

test('what the table leaves out is what BACKUP_SKIP_TYPES leaves out by default', () => {
  const nothing = rows.filter((row) => row.coverage === 'nothing').flatMap(({ types }) => types);
  assert.equal(definitions.BACKUP_SKIP_TYPES.fallback, nothing.join(','));
});

test('rows are exported of hosted layers and of nothing else', () => {
  assert.deepEqual(
    all.filter((type) => typeInfo(type).content === 'export'),
    ['Feature Service'],
  );
});

test('what lies outside the portal is never said to be saved whole', () => {
  for (const type of all) {
    const { coverage: saved, content } = typeInfo(type);
    assert.ok(saved !== 'all' || content !== 'none', type);
  }
});

test('an unknown type is saved with everything it offers, even one called like a member of every object', () => {
  for (const type of ['Hologram', 'constructor', '__proto__', '']) {
    const { known, coverage: saved, relations } = typeInfo(type);
    assert.deepEqual([known, saved, relations], [false, 'all', []], type);
  }
});

test('the portal may write a type in any case, and its relationships are still asked for', () => {
  assert.equal(typeInfo('Earth configuration').known, true);
  assert.deepEqual(typeInfo('FORM'), typeInfo('Form'));
});

test('a survey and its layer name each other', () => {
  assert.deepEqual(typeInfo('Form').relations[0], { type: 'Survey2Service', direction: 'forward' });
  assert.ok(
    typeInfo('Feature Service').relations.some((to) => to.type === 'Survey2Service' && to.direction === 'reverse'),
  );
});

test('only types of the table have relationships, each asked for once', () => {
  for (const [type, relations] of Object.entries(typeRelations)) {
    assert.equal(typeInfo(type).known, true, type);
    assert.equal(new Set(relations.map((each) => each.type + each.direction)).size, relations.length, type);
  }
});

/** As @esri/arcgis-rest-portal has them (`ItemRelationshipType`); a portal answers any other with an error. */
const portalKnows =
  `APIKey2Item Area2CustomPackage Area2Package Item2Attachment Item2Report Listed2Provisioned Map2AppConfig Map2Area
  Map2FeatureCollection Map2Service MobileApp2Code Service2Data Service2Layer Service2Route Service2Service Service2Style Solution2Item
  Style2Style Survey2Data Survey2Service SurveyAddIn2Data Theme2Story TrackView2Map WebStyle2DesktopStyle WMA2Code
  WorkforceMap2FeatureService`.split(/\s+/);

test('a misspelt relationship does not make every item of a type fail', () => {
  for (const each of Object.values(typeRelations).flat()) assert.ok(portalKnows.includes(each.type), each.type);
});
