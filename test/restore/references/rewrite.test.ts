import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { idMap } from '../../../lib/restore/references/id-map.ts';
import { rewrite, rewriteBytes } from '../../../lib/restore/references/rewrite.ts';

const [old, now, other] = ['0123456789abcdef0123456789abcdef', 'f'.repeat(32), 'e'.repeat(32)];
const from = 'https://services1.arcgis.com/AbC/arcgis/rest/services/Parcels/FeatureServer';
const to = 'https://services9.arcgis.com/xYz/arcgis/rest/services/Parcels_2/FeatureServer';
const layers = new Map([[0, 3]]);
const map = idMap([[old, now]], [{ from, to, layers }]);
const fromPath = from.slice('https://'.length);
const toPath = to.slice('https://'.length);

for (const [what, text, wanted] of [
  ['an id in JSON', `{"id":"${old}"}`, `{"id":"${now}"}`],
  ['one in capitals, in an address', `https://x/${old.toUpperCase()}/data`, `https://x/${now}/data`],
  ['one in an address within an address', `u=https%3A%2F%2Fx%2F${old}%26a`, `u=https%3A%2F%2Fx%2F${now}%26a`],
  ['one behind a line feed of JSON', `"see\\n${old}"`, `"see\\n${now}"`],
  ['the key of a map in a story', `{"r-${old}":{}}`, `{"r-${now}":{}}`],
  ['an address', `"${from}"`, `"${to}"`],
  ['one with a slash behind', `"${from}/"`, `"${to}/"`],
  ['one with a layer, which has another number', `"${from}/0"`, `"${to}/3"`],
  ['one with a layer that has kept its number', `"${from}/12/query?a=b"`, `"${to}/12/query?a=b"`],
  ['one with http', `"http://${fromPath}"`, `"http://${toPath}"`],
  ['one without a scheme', `"//${fromPath}"`, `"//${toPath}"`],
  [
    'one with its port',
    `"https://services1.arcgis.com:443${fromPath.slice('services1.arcgis.com'.length)}"`,
    undefined,
  ],
  ['one in other letters', `"https://${fromPath.toUpperCase().replace('FEATURESERVER', 'FeatureServer')}"`, `"${to}"`],
  ['one in JSON with escaped slashes', `"${from.replaceAll('/', '\\/')}\\/0"`, `"${to.replaceAll('/', '\\/')}\\/3"`],
  [
    'one within an address',
    `?url=${encodeURIComponent(`${from}/0`)}&portalUrl=https%3A%2F%2Fx`,
    `?url=${encodeURIComponent(`${to}/3`)}&portalUrl=https%3A%2F%2Fx`,
  ],
  [
    'one within an address, in small letters',
    `?url=${encodeURIComponent(from).toLowerCase()}`,
    `?url=${encodeURIComponent(to).replaceAll(/%[0-9A-F]{2}/g, (each) => each.toLowerCase())}`,
  ],
  [
    'one within an address within an address',
    `?a=${encodeURIComponent(`https://y/?url=${encodeURIComponent(from)}`)}`,
    `?a=${encodeURIComponent(`https://y/?url=${encodeURIComponent(to)}`)}`,
  ],
  ['two with a comma between', `${from},${from}/1`, `${to},${to}/1`],
  ['one before what ends like one', `${from}/0/MapServer`, `${to}/3/MapServer`],
  ['one that a proxy asks for', `https://p/proxy.ashx?${from}/0`, `https://p/proxy.ashx?${to}/3`],
  [
    'the id in the address of a service that keeps the login of another',
    `https://utility.arcgis.com/usrsvcs/servers/${old}/rest/services/X/FeatureServer`,
    `https://utility.arcgis.com/usrsvcs/servers/${now}/rest/services/X/FeatureServer`,
  ],
] as [string, string, string | undefined][])
  test(`rewritten is ${what}`, () => {
    assert.equal(rewrite(text, map), wanted ?? `"${to}"`);
  });

for (const [what, text] of [
  ['an id that nobody knows', `"${other}"`],
  ['a longer hash', `"${old}0" "a${old}" "${old}${old}"`],
  ['the name of a layer that a survey made, which has its id in it', `"service_${old}"`],
  ['the name of a service that looks like an id', `"https://x/rest/services/${old}/FeatureServer/0"`],
  ['a service with a longer name', `"${from.replace('Parcels', 'Parcels_old')}"`],
  ['one in another folder', `"${from.replace('services/Parcels', 'services/A/Parcels')}"`],
  ['one of another kind', `"${from.replace('FeatureServer', 'MapServer')}" "${from}s"`],
  ['one on another host', `"${from.replace('services1', 'services2')}" "${from.replace('//', '//x')}"`],
  ['any other text', '{ "a" : 1,\r\n"b":"ü" }'],
] as [string, string][])
  test(`not touched is ${what}`, () => {
    assert.equal(rewrite(text, map), text);
  });

test('bytes that are no text are not touched, and a mark at the beginning of a text stays', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(old)]);
  assert.equal(rewriteBytes(bytes, map), bytes);
  assert.equal(rewriteBytes(Buffer.from(`\ufeff${old}`), map).toString(), `\ufeff${now}`);
});

const noise = fc.string({
  unit: fc.constantFrom('/', '\\', '%', '"', ' ', ':', '2', 'F', 'ü', '_', 'Server', '//'),
  maxLength: 12,
});

test('between names that are replaced every other character stays', () => {
  fc.assert(
    fc.property(fc.array(noise, { minLength: 2, maxLength: 6 }), (between) => {
      // Spaces keep what is around a name from being a part of it.
      const text = between.join(` ${old} `);
      assert.equal(rewrite(text, map), between.join(` ${now} `));
    }),
    { numRuns: 300 },
  );
});

test('a hostile text takes no longer than its length allows', () => {
  for (const piece of ['//a', 'https://a/', '%2f%2fa', '//a/Server', '/aServer', '\\/\\/a']) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    assert.equal(rewrite(text, map), text);
  }
});
