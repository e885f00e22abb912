import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestBytes, readManifest, unchangedManifest } from '../../lib/archive/item-manifest.ts';
import { olderNote } from '../../lib/archive/older-notes.ts';
import { asStagedItem } from '../../lib/archive/staged-item.ts';
import { note } from '../../lib/backup/notes.ts';

/** Sentences as versions before 1.1 wrote them. */
const cases: [string, string, string?][] = [
  ['The portal has no data for this item.', 'NO_DATA'],
  ['A view: its rows are saved with the layer that it shows.', 'VIEW_ROWS'],
  ['Rows were read by queries: a view shows what its source holds.', 'VIEW_ROWS'],
  ['Rows were read by queries. The export did not end within 60 minutes.', 'ROWS_BY_QUERIES'],
  [
    'Rows were added or deleted while the layers were exported, also when that was repeated: the export may lack the newest.',
    'ROWS_MOVED',
  ],
  ['Rows of the export were not counted: no catalog.', 'ROWS_NOT_COUNTED'],
  [
    'Rows of "A": the service counts 9 and gives 8, the same ones whenever it is asked; those were saved.',
    'ROWS_MISCOUNTED',
  ],
  ['Rows of "A" have no object id: they were read in the order of their values.', 'ROWS_WITHOUT_ID'],
  ['Rows of "A", "B" and 3 more are edited without a date: they are compared by …', 'ROWS_UNDATED'],
  [
    'Saved as the portal has it, although it is not what its name says: a, b.zip: the zip is damaged (x: y).',
    'ODD_CONTENT',
    'a, b.zip',
  ],
  [
    "A token of the backup's own session stood in resources/a; b.json; a mark took its place.",
    'TOKEN_MARKED',
    'resources/a; b.json',
  ],
  [
    'The service at the address of this item belongs to the item abc: neither definition nor rows were saved.',
    'NOT_OWN',
  ],
  [
    'The portal refuses related.json (Map2Service) to the account of the backup; a version of it that was saved stays.',
    'REFUSED',
    'related.json',
  ],
  [
    'The portal refuses resources/a (1).png to the account of the backup; a version of it that was saved stays.',
    'REFUSED',
    'resources/a (1).png',
  ],
  ['The portal lists resources/b.json, but does not have it.', 'NOT_THERE', 'resources/b.json'],
  ['The portal does not have the thumbnail that the record names.', 'NOT_THERE'],
  ['The portal has no metadata for this item, although its keywords say so.', 'NOT_THERE', 'metadata.xml'],
  ['The portal does not know the relationship Map2Service of this item.', 'NOT_THERE', 'related.json'],
  ['The portal has no list of resources of this item; those that were saved stay.', 'NOT_TOLD', 'resources'],
  [
    'The server does not have the definition of this service; a version of it that was saved stays.',
    'NOT_TOLD',
    'layers.json',
  ],
  ['The portal tells only the owner which groups this item is shared with.', 'NOT_TOLD', 'sharing.json'],
  ['The type X is not in the table of types; everything it offers was saved.', 'TYPE_UNKNOWN'],
  ['Something that nobody knows any more.', 'OTHER'],
];

test('every sentence of an older backup.json is read as the code that stands for it', () => {
  for (const [text, code, part] of cases) assert.deepEqual(olderNote(text), note(code as 'OTHER', text, part));
});

const older = {
  format: 1,
  id: 'a'.repeat(32),
  owner: 'ana',
  folder: 'None',
  folderId: null,
  type: 'PDF',
  title: 'Report',
  stamp: '7',
  parts: [],
  notes: ['Rows were read by queries. No.', 'The portal has no data for this item.'],
};

test('an older manifest is read, and written again byte for byte while nothing but the format is new', () => {
  const bytes = Buffer.from(`${JSON.stringify(older)}\n`);
  const read = readManifest(bytes) ?? assert.fail();
  assert.deepEqual(
    read.notes.map(({ code }) => code),
    ['ROWS_BY_QUERIES', 'NO_DATA'],
  );
  const saved = { ...read, path: 'None/PDF/Report' };
  const fresh = { ...read, format: 1.1 as const };
  assert.deepEqual(JSON.parse(manifestBytes(unchangedManifest(saved, fresh) ?? assert.fail()).toString()), older);
  assert.equal(unchangedManifest(saved, { ...fresh, notes: [] }), undefined);
  const used = { ...saved, format: 1.1 as const, service: 'https://a/b/FeatureServer', uses: ['c'] };
  assert.deepEqual(unchangedManifest(used, fresh)?.uses, ['c']);
  const more = manifestBytes({ ...fresh, notes: [note('REFUSED', 'No.', 'a.png')] });
  assert.deepEqual(readManifest(more)?.notes, [{ code: 'REFUSED', part: 'a.png', text: 'No.' }]);
});

test('what an older version has staged has its codes as well', () => {
  const { manifest } = asStagedItem({ manifest: older, kept: [] });
  assert.equal(manifest.notes[0]?.code, 'ROWS_BY_QUERIES');
});
