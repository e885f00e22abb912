import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitions } from '../lib/settings-table.ts';
import { logLine, type EventName, type LogEvent } from '../lib/monitor/log.ts';
import { bicep, compiler } from './compiler.ts';

const infra = fileURLToPath(new URL('./', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ago-infra-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Why the compiler is not here, if it is not; CI of the project sets REQUIRE_BICEP, where that is a failure. */
const unavailable = (() => {
  try {
    compiler();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
})();

function withCompiler(name: string, body: (t: TestContext) => void): void {
  const skip = unavailable !== undefined && process.env['REQUIRE_BICEP'] === undefined && unavailable;
  test(name, { skip }, (t) => {
    assert.equal(unavailable, undefined);
    body(t);
  });
}

interface Resource {
  type: string;
  name: string;
  apiVersion: string;
  properties: Record<string, never>;
  resources?: Resource[] | Record<string, Resource>;
}
interface Template {
  resources: Record<string, Resource & { properties: { template?: Template } }> | Resource[];
  outputs?: Record<string, { type: string; value: string }>;
}

/** Every resource of the template and of its modules. */
function all(template: Template): Resource[] {
  return Object.values(template.resources).flatMap((resource) => {
    const inner = (resource.properties as { template?: Template } | undefined)?.template;
    return inner ? all(inner) : [resource];
  });
}

let built: Template | undefined;

function compiled(): Template {
  if (built !== undefined) return built;
  const path = join(folder, 'main.json');
  bicep('build', 'main.bicep', '--outfile', path);
  built = JSON.parse(readFileSync(path, 'utf8')) as Template;
  return built;
}

const sources = ['main.bicep', ...readdirSync(join(infra, 'modules')).map((name) => `modules/${name}`)];

withCompiler('the template compiles and lints without a word', () => {
  assert.equal(bicep('lint', 'main.bicep').trim(), '');
  bicep('build-params', 'main.bicepparam', '--outfile', join(folder, 'params.json'));
});

withCompiler('every file is formatted as the compiler formats it', () => {
  for (const source of sources) {
    const path = join(folder, 'formatted.bicep');
    bicep('format', source, '--outfile', path);
    assert.equal(
      readFileSync(join(infra, source), 'utf8'),
      readFileSync(path, 'utf8'),
      `run: bicep format infra/${source}`,
    );
  }
});

withCompiler('the snapshot shows the resources of a review; write it anew with `npm run snapshot`', () => {
  bicep(
    'snapshot',
    'main.bicepparam',
    '--mode',
    'validate',
    '--subscription-id',
    '00000000-0000-0000-0000-000000000000',
    '--resource-group',
    'rg',
    '--location',
    'westeurope',
  );
});

withCompiler('no account takes keys or old TLS, or shows blobs to anybody', () => {
  const accounts = all(compiled()).filter(
    ({ type, properties }) => type === 'Microsoft.Storage/storageAccounts' && (properties as unknown) !== undefined,
  );
  assert.equal(accounts.length, 2);
  for (const { properties } of accounts) {
    const { allowSharedKeyAccess, allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly } = properties;
    assert.deepEqual(
      [allowSharedKeyAccess, allowBlobPublicAccess, minimumTlsVersion, supportsHttpsTrafficOnly],
      [false, false, 'TLS1_2', true],
    );
  }
});

withCompiler('the archive keeps versions, and the app may write its one container and no more', () => {
  const text = JSON.stringify(compiled());
  assert.match(text, /"isVersioningEnabled":true/);
  assert.match(text, /"allowPermanentDelete":false/);
  const assignments = all(compiled()).filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments');
  const scopes = assignments.map((one) => (one as Resource & { scope?: string }).scope ?? '');
  assert.equal(assignments.length, 6);
  const archive = scopes.filter((scope) => scope.includes("parameters('archiveStorage')"));
  assert.equal(archive.length, 2);
  for (const scope of archive) assert.match(scope, /containers/);
});

withCompiler('no output, and no setting, holds a secret', () => {
  const template = compiled();
  assert.deepEqual(Object.keys(template.outputs ?? {}), ['app', 'store', 'vault']);
  const text = JSON.stringify(template);
  assert.doesNotMatch(text, /listKeys|listSecrets|AccountKey=|SharedAccessSignature/);
});

withCompiler('a parameter that cannot work is refused when compiled', () => {
  for (const settings of [
    '{ BACKUP_CONCURRENCY: 0 }',
    "{ HEALTHCHECKS_PARTIAL: 'maybe' }",
    '{ BACKUP_CONCURENCY: 4 }',
    "{ BACKUP_SCHEDULE: '0 2 * *' }",
    "{ ARCGIS_PASSWORD: 'x' }",
  ]) {
    const path = join(infra, 'refused.bicepparam');
    writeFileSync(path, `using 'main.bicep'\nparam alarmEmail = 'a@b.c'\nparam settings = ${settings}\n`);
    try {
      assert.throws(() => bicep('build-params', 'refused.bicepparam', '--outfile', join(folder, 'x.json')), settings);
    } finally {
      rmSync(path);
    }
  }
});

test('the settings in infra are those of the code that are no secrets', () => {
  const text = readFileSync(join(infra, 'modules/settings.bicep'), 'utf8');
  const named = [...text.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name).sort();
  const byModules = ['KEY_VAULT_URL', 'BACKUP_STORE'];
  const expected = Object.entries(definitions).filter(
    ([name, definition]) => !('vault' in definition) && !byModules.includes(name),
  );
  assert.deepEqual(named, expected.map(([name]) => name).sort());
});

/** A line of each kind, as a run logs it. */
const lines: Record<EventName, LogEvent> = Object.fromEntries(
  (
    [
      'run.started',
      'members.listed',
      'user.checked',
      'items.planned',
      'item.saved',
      'item.failed',
      'export.waiting',
      'run.committed',
      'run.completed',
      'run.failed',
    ] as const
  ).map((event) => [
    event,
    {
      event,
      runId: 'r',
      user: 'u',
      itemId: 'i',
      code: 'PORTAL_BUSY',
      ms: 1,
      bytes: 1,
      requests: 1,
      count: 1,
      outcome: 'complete',
    },
  ]),
) as Record<EventName, LogEvent>;

for (const file of readdirSync(join(infra, 'queries'))) {
  test(`${file} reads only events and fields that log lines have`, () => {
    const text = readFileSync(join(infra, 'queries', file), 'utf8').replace(/\/\/.*$/gm, '');
    const parsed = Object.values(lines).map((line) => JSON.parse(logLine(line)) as Record<string, unknown>);
    const fields = new Set(parsed.flatMap((line) => Object.keys(line)));
    for (const [, plain, quoted] of text.matchAll(/\bline(?:\.(\w+)|\["(\w+)"\])/g))
      assert.ok(fields.has(plain ?? quoted ?? ''), `${plain ?? quoted}`);
    for (const [, event] of text.matchAll(/"((?:run|item|user|export|members|items)\.\w+)"/g))
      assert.ok(String(event) in lines, event);
  });
}

test('the workbook holds the queries that lie beside it', () => {
  const { items } = JSON.parse(readFileSync(join(infra, 'workbook.json'), 'utf8')) as {
    items: { name: string; content: { query?: string } }[];
  };
  const asked = items.filter(({ content }) => content.query !== undefined);
  assert.equal(asked.length, 5);
  for (const { name, content } of asked)
    assert.equal(content.query, readFileSync(join(infra, `queries/workbook-${name}.kql`), 'utf8'));
});
