import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test, type TestContext } from 'node:test';
import { readEnvironment } from '../../lib/cli/environment.ts';
import { readLocalEnvironment } from '../../lib/cli/local-files.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { temporaryFolder } from '../git/stock-git.ts';

const account = { ARCGIS_USERNAME: 'backup', ARCGIS_PASSWORD: 'correct-horse' };

async function folderWith(t: TestContext, files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

test('the process goes before .env, and .env before local.settings.json', async (t) => {
  const folder = await folderWith(t, {
    '.env': 'BACKUP_CONCURRENCY=2\nBACKUP_RECHECK_DAYS=2 # a comment\n',
    'local.settings.json': JSON.stringify({
      Values: { BACKUP_CONCURRENCY: 3, BACKUP_RECHECK_DAYS: '3', BACKUP_PRUNE_LIMIT: 0.3 },
    }),
  });
  const found = readLocalEnvironment(folder, { ...account, BACKUP_CONCURRENCY: '1' });
  const { concurrency, recheckDays, pruneLimit } = readSettings(found);
  assert.deepEqual([concurrency, recheckDays, pruneLimit], [1, 2, 0.3]);
});

test('a folder without either file, and a local.settings.json without Values, are the process alone', async (t) => {
  const folder = await folderWith(t, {});
  assert.deepEqual(readLocalEnvironment(folder, account), account);
  await writeFile(join(folder, 'local.settings.json'), '{"IsEncrypted": false}');
  assert.deepEqual(readLocalEnvironment(folder, account), account);
});

test('the byte order mark of a Windows editor does not hide the first setting', async (t) => {
  const folder = await folderWith(t, {
    '.env': '\uFEFFARCGIS_USERNAME=backup\r\nARCGIS_PASSWORD="correct horse"\r\n',
    'local.settings.json': '\uFEFF{"Values": {"BACKUP_CONCURRENCY": "4"}}',
  });
  const { secrets, concurrency } = readSettings(readLocalEnvironment(folder, {}));
  assert.deepEqual(
    [secrets.ARCGIS_USERNAME?.reveal(), secrets.ARCGIS_PASSWORD?.reveal(), concurrency],
    ['backup', 'correct horse', 4],
  );
});

test('a broken local.settings.json is named with the place, and what it holds is not shown', async (t) => {
  const folder = await folderWith(t, { 'local.settings.json': '{"Values": {"ARCGIS_PASSWORD": "correct-horse" oops' });
  assert.throws(
    () => readLocalEnvironment(folder, {}),
    (error: Error & { code?: string }) => {
      assert.match(error.message, /local\.settings\.json is not valid JSON \(line 1 column \d+\)\./);
      assert.doesNotMatch(inspect(error), /horse/);
      return error.code === 'SETTINGS_INVALID';
    },
  );
});

test('a .env that cannot be read is named', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, '.env'));
  assert.throws(() => readLocalEnvironment(folder, {}), { code: 'SETTINGS_INVALID', message: /\.env cannot be read/ });
});

for (const [line, value] of [
  ['ARCGIS_PASSWORD=abc#def', 'abc#def'],
  ['ARCGIS_PASSWORD=#abc', '#abc'],
  ['export ARCGIS_PASSWORD = a#b#c # a comment # more', 'a#b#c'],
  ["ARCGIS_PASSWORD=it's#me\r", "it's#me"],
  ['ARCGIS_PASSWORD=abc # a comment', 'abc'],
  ['ARCGIS_PASSWORD= # a comment', ''],
  ['ARCGIS_PASSWORD="abc #def"', 'abc #def'],
  ['ARCGIS_PASSWORD="a\nARCGIS_PASSWORD=b#c\nd"', 'a\nARCGIS_PASSWORD=b#c\nd'],
  ['ARCGIS_PASSWORD=first#1\nARCGIS_PASSWORD=second#2', 'second#2'],
] as const) {
  test(`no # cuts a value unless a space stands before it: ${JSON.stringify(line)}`, async (t) => {
    const folder = await folderWith(t, { '.env': `${line}\nBACKUP_CONCURRENCY=2\n` });
    assert.deepEqual(readLocalEnvironment(folder, {}), { ARCGIS_PASSWORD: value, BACKUP_CONCURRENCY: '2' });
  });
}

test('what .env says of an identity of Azure reaches its library, and what the process has itself stays', async (t) => {
  const names = ['AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET'] as const;
  t.after(() => names.forEach((name) => delete process.env[name]));
  process.env['AZURE_TENANT_ID'] = 'own';
  const folder = await folderWith(t, { '.env': 'AZURE_TENANT_ID=filed\nAZURE_CLIENT_SECRET=filed\n' });
  readEnvironment(folder, {});
  assert.deepEqual(
    names.map((name) => process.env[name]),
    ['own', 'filed'],
  );
});
