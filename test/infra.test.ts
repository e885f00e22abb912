import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');
const json = async (path: string) => JSON.parse(await read(path)) as Record<string, never>;

test('Azure finds every function by the glob in package.json', async () => {
  const { main, type } = (await json('package.json')) as unknown as { main: string; type: string };
  assert.deepEqual([main, type], ['dist/{functions/*,lib/serve/http/worker}.js', 'module']);
});

test('the host lets an activity download for an hour, and names its hub by letters and digits', async () => {
  const host = (await json('host.json')) as unknown as {
    functionTimeout: string;
    extensions: { durableTask: { hubName: string }; http: { routePrefix: string } };
  };
  assert.equal(host.functionTimeout, '01:00:00');
  assert.match(host.extensions.durableTask.hubName, /^[A-Za-z][A-Za-z0-9]{2,44}$/);
  assert.equal(host.extensions.http.routePrefix, '');
});

test('every function is one file, named as it is registered', async () => {
  const files = (await readdir(new URL('functions/', root))).filter((name) => name.endsWith('.ts'));
  for (const file of files) {
    const text = await read(`functions/${file}`);
    const names = [...text.matchAll(/(?:[sS]tep|activity|orchestration|subOrchestration|http|timer)\(\s*'(\w+)'/g)].map(
      ([, name]) => name,
    );
    assert.deepEqual(names, [file.replace('.ts', '')], file);
    assert.ok(text.split('\n').length <= 60, `${file} is longer than a registration`);
  }
});

test('no secret and no settings of a laptop are deployed', async () => {
  const ignored = (await read('.funcignore')).split('\n');
  for (const name of ['.*', 'local.settings.json', 'test/', 'bench/', 'backup.git/'])
    assert.ok(ignored.includes(name), name);
});

test('the settings of a laptop are real ones', async () => {
  const { definitions } = await import('../lib/settings/table.ts');
  const { Values } = (await json('local.settings.sample.json')) as unknown as { Values: Record<string, string> };
  const ofAzure = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage'];
  for (const name of Object.keys(Values)) assert.ok(name in definitions || ofAzure.includes(name), name);
  for (const [, name] of (await read('.env.example')).matchAll(/^#? ?([A-Z_]+)=/gm))
    assert.ok(String(name) in definitions, name);
});

test('the role that the documentation describes has every privilege that the code asks for', async () => {
  const { needed, wanted } = await import('../lib/arcgis/connection/identity.ts');
  const text = await read('docs/operations.md');
  for (const name of [...needed, ...wanted])
    assert.ok(text.split(name).length > 2, `${name}: in the table and over REST`);
});
