import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureType } from '../../../lib/serve/page/picture.ts';
import { itemLink, many, moment, named, size, span, thingLink } from '../../../lib/serve/page/words.ts';

test('sizes and spans are written as people write them', () => {
  assert.deepEqual([0, 1, 999, 1000, 1500, 12_345, 999_999_999, 2e12, 5e15].map(size), [
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '1.5 kB',
    '12.3 kB',
    '1.0 GB',
    '2.0 TB',
    '5000.0 TB',
  ]);
  assert.deepEqual([0, 999, 61_000, 3_600_000, 90_061_000, 200_000_000].map(span), [
    '0 s',
    '1 s',
    '1 min 1 s',
    '1 h',
    '1 day 1 h',
    '2 days 7 h',
  ]);
  assert.deepEqual([many(1, 'item'), many(1234, 'item')], ['1 item', '1,234 items']);
});

test('an item without a title is called untitled, by its id', () => {
  assert.equal(named('  ', 'abc').toString(), '<bdi>(untitled, abc)</bdi>');
});

test('an id from nowhere cannot leave the address of an item', () => {
  assert.match(
    itemLink('../"><script>', 'x').toString(),
    /^<a href="\/items\/\.\.%2F%22%3E%3Cscript%3E"><bdi>x<\/bdi><\/a>$/,
  );
});

test('a moment is UTC until the script makes it local, and one that is none is said to be unknown', () => {
  assert.equal(
    moment(0).toString(),
    '<time datetime="1970-01-01T00:00:00.000Z" title="1970-01-01 00:00 UTC">1970-01-01 00:00 UTC</time>',
  );
  assert.equal(moment('soon').toString(), '<span>unknown</span>');
});

test('a picture is what its bytes say: SVG and HTML are none, whatever they are called', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  assert.equal(pictureType(bytes('\x89PNG\r\n\x1a\n…')), 'image/png');
  assert.equal(pictureType(bytes('\xff\xd8\xff\xe0')), 'image/jpeg');
  assert.equal(pictureType(bytes('GIF89a')), 'image/gif');
  assert.equal(pictureType(bytes('RIFF0000WEBPVP8 ')), 'image/webp');
  for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<html>', 'PNG', ''])
    assert.equal(pictureType(bytes(text)), undefined);
});

test('what a plan tells of is a link where it is an item; groups and folders have no page', () => {
  const [id, title] = ['a'.repeat(32), 'Crew'];
  const isLink = (type: string) => String(thingLink({ itemId: id, title, type })).includes(`href="/items/${id}"`);
  assert.deepEqual(['Web Map', 'Group', 'Folder'].map(isLink), [true, false, false]);
});
