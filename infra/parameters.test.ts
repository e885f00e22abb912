import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitions, type SettingName } from '../lib/settings/table.ts';
import { bicep } from './compiler.ts';
import { resourcesOf, snapshot } from './snapshot.ts';

const infra = fileURLToPath(new URL('./', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ago-infra-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A parameter file of the template, elsewhere; its path as the compiler is given it. */
function parameters(lines: string[]): string {
  const path = join(folder, 'given.bicepparam');
  const text = [
    `using '${relative(folder, join(infra, 'main.bicep'))}'`,
    `param alarmEmail = 'a@example.com'`,
    ...lines,
  ];
  writeFileSync(path, `${text.join('\n')}\n`);
  return path;
}

test('parameters that no app could use are refused when compiled', () => {
  const path = parameters([
    "param name = 'ab'",
    'param settings = {',
    '  BACKUP_CONCURRENCY: 0',
    '  BACKUP_EXPORT_TIMEOUT: 1441',
    '  BACKUP_LFS_THRESHOLD: 12',
    '  BACKUP_RECHECK_DAYS: 366',
    "  HEALTHCHECKS_PARTIAL: 'maybe'",
    "  ARCGIS_PASSWORD: 'a secret belongs into the vault'",
    '}',
    "param archive = { keepDays: 3, coldAfterDays: -1, redundancy: 'Premium_LRS' }",
  ]);
  let said = '';
  assert.throws(
    () => bicep('build-params', path, '--outfile', join(folder, 'x.json')),
    (error: Error) => Boolean((said = error.message)),
  );
  // The line of each in the file above.
  for (const line of [3, 5, 6, 7, 8, 9, 10, 12]) assert.match(said, new RegExp(`bicepparam\\(${line},`), said);
});

for (const [what, lines, message] of [
  ['a schedule of five fields', ["param settings = { BACKUP_SCHEDULE: '0 2 * * *' }"], /BACKUP_SCHEDULE .*six fields/],
  [
    'a portal without TLS',
    ["param settings = { ARCGIS_PORTAL_URL: 'http://gis/portal' }"],
    /ARCGIS_PORTAL_URL .*https/,
  ],
  ['a share above one', ["param settings = { BACKUP_PRUNE_LIMIT: '20' }"], /BACKUP_PRUNE_LIMIT .*share/],
  ['a name that storage does not take', ["param name = 'My-Backup'"], /My-Backup.*small letters/],
  ['versions immutable longer than kept', ['param archive = { keepDays: 30, immutableDays: 30 }'], /immutableDays/],
] as const) {
  test(`${what} is refused before anything is deployed`, () => {
    assert.throws(() => snapshot(parameters([...lines]), 'overwrite'), { message });
  });
}

interface Described {
  metadata?: { description?: string };
  minValue?: number;
  maxValue?: number;
  allowedValues?: string[];
}
interface Template {
  parameters: Record<string, Described>;
  definitions: Record<string, { properties?: Record<string, Described> }>;
}

const template = JSON.parse(bicep('build', 'main.bicep', '--stdout')) as Template;
const settings =
  Object.entries(template.definitions).find(([name]) => name.endsWith('settingsOf'))?.[1].properties ?? {};
const accepts = (name: SettingName, value: unknown) => definitions[name].schema.safeParse(String(value)).success;

test('the settings in infra are those of the code that are no secrets; the app gets all that are given', () => {
  const byModules = ['KEY_VAULT_URL', 'BACKUP_STORE', 'BACKUP_SCRATCH', 'ARCHIVE_ENTRA_TENANT'];
  const open = Object.entries(definitions)
    .filter(([, definition]) => !('vault' in definition))
    .map(([name]) => name);
  assert.deepEqual(Object.keys(settings).sort(), open.filter((name) => !byModules.includes(name)).sort());
  const app = resourcesOf('all-options.bicepparam').find(({ name }) => name.endsWith('/appsettings'))?.properties ?? {};
  const ours = Object.keys(app).filter((name) => name in definitions);
  assert.deepEqual(ours.sort(), open.sort());
  for (const name of ours) if (name in settings) assert.ok(accepts(name as SettingName, app[name]), name);
});

test('bounds and choices in infra are those of the code', () => {
  const bounded = Object.entries(settings).filter(([, { minValue }]) => minValue !== undefined);
  assert.equal(bounded.length, 8);
  for (const [name, { minValue = 0, maxValue = 0 }] of bounded as [SettingName, Described][]) {
    const answers = [minValue - 1, minValue, maxValue, maxValue + 1].map((value) => accepts(name, value));
    assert.deepEqual(answers, [false, true, true, false], name);
  }
  for (const value of settings['HEALTHCHECKS_PARTIAL']?.allowedValues ?? []) {
    assert.ok(accepts('HEALTHCHECKS_PARTIAL', value), value);
  }
});

test('every parameter and every setting says what it is', () => {
  const options = Object.values(template.definitions).flatMap(({ properties = {} }) => Object.entries(properties));
  for (const [name, { metadata }] of [...Object.entries(template.parameters), ...options]) {
    assert.ok((metadata?.description?.length ?? 0) > 10, name);
  }
});

test('a setting is not given twice: by name in main.bicepparam, and by a module', () => {
  assert.doesNotMatch(
    readFileSync(join(infra, 'main.bicepparam'), 'utf8'),
    /BACKUP_STORE|BACKUP_SCRATCH|KEY_VAULT_URL|ARCHIVE_ENTRA_TENANT/,
  );
});
