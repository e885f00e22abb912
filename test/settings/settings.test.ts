import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { Secret } from '../../lib/secret.ts';
import { chooseCredentials } from '../../lib/settings/credentials.ts';
import { checkSettings, readSchedule, readSettings } from '../../lib/settings/settings.ts';
import { type Environment } from '../../lib/settings/table.ts';
import { definitions, type SettingName } from '../../lib/settings/table.ts';

const account = { ARCGIS_USERNAME: 'backup', ARCGIS_PASSWORD: 'correct-horse' };
const names = Object.keys(definitions) as SettingName[];

test('the table in docs/settings.md is the table in the code', async () => {
  const text = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ([A-Z_]+) \| (.+?) \| (.+?) \|$/gm)].map(([, ...cells]) =>
    cells.map((cell) => cell?.replaceAll('\\', '')),
  );
  const expected = names.map((name) => {
    const { fallback, meaning, ...more } = definitions[name];
    return [name, fallback === '' ? '–' : fallback, 'vault' in more ? `${meaning} [${more.vault}]` : meaning];
  });
  assert.deepEqual(rows, expected);
});

test('with an account and nothing else, everything has its default', () => {
  const settings = readSettings(account);
  assert.equal(settings.portalUrl, 'https://www.arcgis.com');
  assert.equal(settings.store, 'file:./backup.git');
  assert.deepEqual(
    [settings.concurrency, settings.exportTimeout, settings.pruneLimit, settings.recheckDays],
    [8, 3_600_000, 0.2, 7],
  );
  assert.deepEqual([settings.skipTags, settings.skipTypes, settings.users], [['ago_view'], ['Code Attachment'], ['*']]);
});

for (const [name, value] of [
  ['ARCGIS_PORTAL_URL', 'www.arcgis.com'],
  ['ARCGIS_PORTAL_URL', 'http://portal.example.com'],
  ['ARCGIS_PORTAL_URL', 'https://user:secret@portal.example.com'],
  ['ARCGIS_PORTAL_URL', 'https://:secret@portal.example.com'],
  ['ARCGIS_PORTAL_URL', 'https://portal.example.com/?token=secret'],
  ['ARCGIS_PORTAL_URL', 'user:secret@portal.example.com'],
  ['KEY_VAULT_URL', 'http://vault.example.com'],
  ['KEY_VAULT_URL', 'https://:secret@v.vault.azure.net'],
  ['HEALTHCHECKS_PING_URL', 'hc-ping.com/secret'],
  ['HEALTHCHECKS_PING_URL', 'https://'],
  ['HEALTHCHECKS_VERIFY_URL', 'hc-ping.com/secret'],
  ['HEALTHCHECKS_DRILL_URL', 'hc-ping.com/secret'],
  ['HEALTHCHECKS_PARTIAL', 'maybe'],
  ['VERIFY_SCHEDULE', 'weekly'],
  ['BACKUP_STORE', 'backup.git'],
  ['BACKUP_STORE', 'https://account.blob.core.windows.net/c?sv=2020&sig=secret'],
  ['BACKUP_STORE', 'https://:secret@account.blob.core.windows.net/c'],
  ['BACKUP_STORE', 'https://account.blob.core.windows.net/'],
  ['BACKUP_STORE', 'file:'],
  ['BACKUP_STORE', 'https://account.blob.core.windows.net/$root'],
  ['BACKUP_SCHEDULE', '0 2 * * *'],
  ['BACKUP_SCHEDULE', '0 0 25 * * *'],
  ['BACKUP_CONCURRENCY', '0'],
  ['BACKUP_CONCURRENCY', '2.5'],
  ['BACKUP_CONCURRENCY', 'Infinity'],
  ['BACKUP_EXPORT_TIMEOUT', '-1'],
  ['BACKUP_LFS_THRESHOLD', '1e99'],
  ['BACKUP_PRUNE_LIMIT', '20'],
  ['BACKUP_RECHECK_DAYS', ' x '],
] as [SettingName, string][]) {
  test(`${name}=${value} is refused with its cure`, () => {
    const { settings, problems } = checkSettings({ ...account, [name]: value });
    assert.equal(settings, undefined);
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      [name],
    );
    assert.match(problems[0]?.message ?? '', new RegExp(`^${name} .+\\. .+\\.$`));
    assert.doesNotMatch(problems[0]?.message ?? '', /secret/);
  });
}

test('all problems come in one message', () => {
  assert.throws(
    () => readSettings({ BACKUP_CONCURRENCY: 'x', BACKUP_PRUNE_LIMIT: 'y', BACKUP_STORE: 'z' }),
    (error: Error) =>
      ['BACKUP_CONCURRENCY', 'BACKUP_PRUNE_LIMIT', 'BACKUP_STORE', 'ARCGIS_USERNAME'].every((name) =>
        error.message.includes(`- ${name} `),
      ),
  );
});

for (const [name, env, fine] of [
  ['nothing', {}, false],
  ['half an account', { ARCGIS_USERNAME: 'backup' }, false],
  ['half an app', { ARCGIS_CLIENT_SECRET: 'x' }, false],
  ['two ways', { ...account, ARCGIS_API_KEY: 'x' }, false],
  ['an account', account, true],
  ['an app', { ARCGIS_CLIENT_ID: 'a', ARCGIS_CLIENT_SECRET: 'b' }, true],
  ['a key', { ARCGIS_API_KEY: 'x' }, true],
  ['a vault', { KEY_VAULT_URL: 'https://v.vault.azure.net' }, true],
] as [string, Environment, boolean][]) {
  test(`${name} to sign in with is ${fine ? 'enough' : 'refused'}`, () => {
    const { settings } = checkSettings(env);
    assert.equal(settings !== undefined, fine);
    if (settings && !env['KEY_VAULT_URL']) assert.ok(chooseCredentials(settings.secrets));
  });
}

test('a directory inside Azure is refused, since its disk goes with the instance', () => {
  for (const name of ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME']) {
    const { settings, problems } = checkSettings({ ...account, [name]: 'x', BACKUP_STORE: 'file:/home/backup.git' });
    assert.equal(settings, undefined);
    assert.match(problems[0]?.message ?? '', /BACKUP_STORE is a directory.*Set the address of a container/);
  }
  const container = 'https://account.blob.core.windows.net/backup';
  assert.notEqual(checkSettings({ ...account, WEBSITE_INSTANCE_ID: 'x', BACKUP_STORE: container }).settings, undefined);
});

for (const url of [
  'https://city.maps.arcgis.com/',
  'https://city.maps.arcgis.com/home/index.html',
  'https://city.maps.arcgis.com/sharing/rest',
]) {
  test(`the portal's root is found in ${url}`, () => {
    assert.equal(readSettings({ ...account, ARCGIS_PORTAL_URL: url }).portalUrl, 'https://city.maps.arcgis.com');
  });
}

test('no way of printing the settings shows a secret', () => {
  const settings = readSettings({ ...account, HEALTHCHECKS_PING_URL: 'https://hc-ping.com/correct-horse' });
  const printed = `${inspect(settings, { depth: 9, showHidden: true })} ${JSON.stringify(settings)} ${String(settings.secrets.ARCGIS_PASSWORD)}`;
  assert.doesNotMatch(printed, /correct-horse/);
});

test('a vault that does not hold what is missing is named, with the name of the secret there', () => {
  const secrets = { ARCGIS_USERNAME: new Secret('backup') };
  assert.throws(() => chooseCredentials(secrets, 'https://v.vault.azure.net'), {
    code: 'SECRET_MISSING',
    message: 'Neither the settings nor the key vault v.vault.azure.net hold arcgis-password.',
  });
  assert.throws(() => chooseCredentials(secrets), { code: 'SETTINGS_INVALID' });
});

test('a wrong setting elsewhere does not keep the timer from its schedule', () => {
  assert.equal(
    readSchedule({ BACKUP_SCHEDULE: ' 0 30 3 * * * ', BACKUP_CONCURRENCY: 'x' }, 'BACKUP_SCHEDULE'),
    '0 30 3 * * *',
  );
  assert.equal(readSchedule({ BACKUP_SCHEDULE: '' }, 'BACKUP_SCHEDULE'), '0 0 2 * * *');
  assert.equal(readSchedule({ BACKUP_SCHEDULE: '0 30 3 * * *' }, 'VERIFY_SCHEDULE'), '0 0 12 * * 0');
});

for (const [name, nearest] of [
  ['BACKUP_STOR', 'BACKUP_STORE'],
  ['BACKUP_CONCURENCY', 'BACKUP_CONCURRENCY'],
  ['BAKUP_STORE', 'BACKUP_STORE'],
  ['ARCGIS_USER', 'ARCGIS_USERNAME'],
  ['arcgis_password', 'ARCGIS_PASSWORD'],
  ['BACKUP-USERS', 'BACKUP_USERS'],
  ['RESTORE_SOMETHING', undefined],
] as const) {
  test(`${name} is told as unknown, with the nearest setting, and its value is not`, () => {
    const [sentence = '', ...others] = readSettings({ ...account, [name]: 'correct-horse' }).unknown;
    assert.deepEqual(others, []);
    assert.match(sentence, new RegExp(`^${name} is no setting .+ the nearest one is ${nearest ?? '[A-Z_]+'}\\.$`));
    assert.doesNotMatch(sentence, /horse/);
  });
}

test('what other programs are called is not ours', () => {
  const env = { PATH: '/bin', HOME: '/', USERNAME: 'x', STORE: 'x', WEBSITE_SITE_NAME: '', AzureWebJobsStorage: 'x' };
  assert.deepEqual(readSettings({ ...account, ...env }).unknown, []);
});

test('a setting that is missing because its name is misspelt is told together with that name', () => {
  const env = { ARCGIS_USERNAME: 'backup', ARCGIS_PASWORD: 'correct-horse' };
  assert.throws(() => readSettings(env), {
    message: /ARCGIS_PASSWORD is missing[^]*ARCGIS_PASWORD is no setting .* nearest one is ARCGIS_PASSWORD/,
  });
});

test('a slash at the end of the container changes nothing', () => {
  const BACKUP_STORE = 'https://account.blob.core.windows.net/backup/';
  assert.notEqual(checkSettings({ ...account, BACKUP_STORE }).settings, undefined);
});
