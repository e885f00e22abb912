import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor } from '../../../lib/arcgis/connection/redactor.ts';
import { seeded } from '../../support/random.ts';

const token = 'Zx3-_k/Qp+7a.=~A&b"9w%c<d>\'e..';
const other = 'AAPTxy8BHexampleexampleexampleexample';
const xml = (text: string, form: (code: number) => string) =>
  text.replace(/[^A-Za-z0-9]/g, (character) => form(character.charCodeAt(0)));

/** Each way in which an answer may hold the token. */
const forms: Record<string, string> = {
  'as it is': token,
  'in an address': encodeURIComponent(token),
  'in an address, in small letters': encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase()),
  'in an address within an address': encodeURIComponent(encodeURIComponent(token)),
  'in a form': new URLSearchParams({ token }).toString().slice('token='.length),
  'in JSON': JSON.stringify(token).slice(1, -1),
  'in JSON with escaped slashes': JSON.stringify(token).slice(1, -1).replaceAll('/', '\\/'),
  'in JSON as Java writes it': xml(token, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  'in XML': token
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;'),
  'in HTML with numbers': xml(token, (code) => `&#${code};`),
  'in HTML with hexadecimal numbers': xml(token, (code) => `&#x${code.toString(16).toUpperCase()};`),
};

function redactor(): Redactor {
  const made = new Redactor();
  for (const secret of [token, other]) made.add(secret);
  return made;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous by its type
async function* pieces(bytes: Buffer, sizes: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const next = at + sizes();
    yield bytes.subarray(at, next);
    at = next;
  }
}

async function passed(bytes: Buffer, sizes: () => number) {
  const { body, isMarked } = redactor().watch(pieces(bytes, sizes));
  return { bytes: Buffer.concat(await Array.fromAsync(body)), isMarked: isMarked() };
}

for (const [name, form] of Object.entries(forms)) {
  test(`the session's token ${name} is taken out of texts and of bodies in any pieces, and every length stays`, async () => {
    const random = seeded(7);
    const text = `äöü before ${form}${form} ${other} after 😀`;
    const clean = redactor().text(text);
    assert.equal(clean.length, text.length);
    assert.match(clean, /^äöü before \[redacted\.+\]\[redacted\.+\] \[redacted\.+\] after 😀$/);
    const bytes = Buffer.from(text);
    for (const most of [1, 7, 40, 10_000]) {
      const found = await passed(bytes, () => 1 + Math.floor(random() * most));
      assert.equal(found.bytes.toString(), redactor().text(text));
      assert.deepEqual([found.bytes.length, found.isMarked], [bytes.length, true]);
    }
  });
}

test('what holds no secret passes untouched, also binary, empty and nearly one', async () => {
  const random = seeded(3);
  const noise = Buffer.from(Array.from({ length: 50_000 }, () => Math.floor(random() * 256)));
  for (const bytes of [
    noise,
    Buffer.alloc(0),
    Buffer.from(token.slice(0, -1)),
    Buffer.from(other.slice(1)),
    Buffer.from('PK'),
  ]) {
    const found = await passed(bytes, () => 1 + Math.floor(random() * 999));
    assert.ok(found.bytes.equals(bytes));
    assert.equal(found.isMarked, false);
  }
});

test('a zip stays the zip it is', async () => {
  const bytes = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), Buffer.from(`stored ${other}`)]);
  const found = await passed(bytes, () => 5);
  assert.ok(found.bytes.equals(bytes));
  assert.equal(found.isMarked, false);
});

test('a word that is too short to be a token is left in texts', () => {
  const made = new Redactor();
  for (const word of ['', 'map', 'backup1']) made.add(word);
  assert.equal(made.text('backup1 of a map'), 'backup1 of a map');
});
