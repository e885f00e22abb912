import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insteadOf, type Beginning, type Expected } from '../../../lib/arcgis/content/file-answer.ts';

const error = JSON.stringify({ error: { code: 500, message: 'Error getting file', details: [] } });
const page = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>';
const own = { fileName: 'own.bin' };

/** An answer whose length is not the expected one, or of which no length is told. */
const answers: [what: string, text: string, answer: Partial<Beginning>, expected: Expected, is: string][] = [
  ['an error in place of a map', error, {}, { isJson: true }, 'error'],
  ['an error in place of a zip', error, { type: 'application/zip' }, { name: 'a.zip' }, 'error'],
  ['an error in place of a file without a name', error, { type: 'text/plain' }, {}, 'error'],
  ['an error behind a byte order mark', `\ufeff ${error}`, {}, { isJson: true }, 'error'],
  ['an error as a server words it', '{"status":"error","messages":["x"],"code":500}', {}, { isJson: true }, 'error'],
  ['an error as a gateway words it', '{"code":502,"message":"Bad gateway"}', {}, { isJson: true }, 'error'],
  ['an error of OAuth', '{"error":"invalid_request","error_description":"x"}', {}, { isJson: true }, 'error'],
  ['an error with more in it', '{"error":{"code":1,"message":"x"},"help":{}}', {}, { name: 'a.csv' }, 'error'],
  [
    'an error with more in it, of another length than the map',
    '{"error":{"code":500,"message":"x"},"help":{}}',
    {},
    { isJson: true, size: 9 },
    'error',
  ],
  ['a map with a key error', '{"error":{"code":404,"message":"ours"},"version":1}', {}, { isJson: true }, 'file'],
  ['a map with a code and a message', '{"code":404,"message":"ours","layers":[]}', {}, { isJson: true }, 'file'],
  ['an app that words its errors', '{"error":{"text":"ours"}}', {}, { isJson: true }, 'file'],
  ['JSON of which more comes', '{"error":{"code":500,"message":"x"}}', { isWhole: false }, { isJson: true }, 'file'],
  ['a page in place of a map', page, { type: 'text/plain' }, { isJson: true }, 'page'],
  ['a page in place of a map, under a name', page, { ...own, type: 'text/html' }, { isJson: true }, 'page'],
  ['a page in place of a file without a name', page, { type: 'text/html' }, {}, 'page'],
  ['a page behind a comment', `<!-- gateway 7 -->\n${page}`, { type: 'text/html' }, {}, 'page'],
  ['a page of XHTML', `<?xml version="1.0"?>\n${page}`, { type: 'text/html' }, {}, 'page'],
  ['a page in place of a table', page, { ...own, type: 'text/csv' }, { name: 'a.csv' }, 'page'],
  ['a page of another length than it must have', page, own, { name: 'a.html', size: 9, isHeld: true }, 'page'],
  ["a member's page", page, { ...own, type: 'text/html' }, { name: 'a.html' }, 'file'],
  ['a table as HTML', page, { ...own, type: 'application/vnd.ms-excel' }, { name: 'a.xls' }, 'file'],
  ['a sentence in place of a map', 'Internal error. Try again later.', {}, { isJson: true }, 'words'],
  ['a sentence in place of a zip', 'upstream request timed out', { type: 'text/plain' }, { name: 'a.zip' }, 'words'],
  ['XML in place of a picture', '<?xml version="1.0"?><Error><Code>x', {}, { name: 'a.png' }, 'words'],
  ['the word error in a text', 'error', { type: 'text/plain' }, { name: 'a.txt' }, 'file'],
  ['the word error in a table', 'error,code\n1,2', { type: 'text/csv' }, { name: 'a.csv' }, 'file'],
  ['the word error in a zip that has a name', 'error', own, { name: 'a.zip' }, 'file'],
  ['a sentence that a member saved as a map', 'hello', {}, { isJson: true }, 'file'],
  ['JSON text about errors', '"error"', {}, { isJson: true }, 'file'],
  ['bytes', 'PK\u0003\u0004 error \0', {}, { name: 'a.zip' }, 'file'],
];

for (const [what, text, answer, expected, is] of answers) {
  test(`${what} is ${is === 'file' ? 'a file' : 'no file'}`, () => {
    const found = insteadOf({ text, isWhole: true, type: null, fileName: undefined, ...answer }, expected);
    assert.equal(typeof found === 'object' ? 'error' : (found ?? 'file'), is);
  });
}
