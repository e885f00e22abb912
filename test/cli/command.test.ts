import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunRecord } from '../../lib/backup/run.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { command, start } from '../support/command.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';

async function portalWithMaps(t: TestContext) {
  const org = new Organization();
  for (let n = 0; n < 3; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  const portal = await startPortal({ org });
  t.after(() => portal.close());
  return { portal, cwd: await temporaryFolder(t) };
}

test('a run ends with a summary for people and one JSON document for machines', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const first = await command(['run', '--json'], portal.env, cwd);
  assert.equal(first.status, 0, first.stderr);
  const record = JSON.parse(first.stdout) as RunRecord;
  assert.deepEqual([record.outcome, record.added, record.listed], ['complete', 3, 3]);
  assert.match(first.stderr, /Backup complete: 3 added/);
  assert.equal((await git(join(cwd, 'backup.git'), 'log', '--format=%H')).trim(), record.commit);
  const second = await command(['run'], portal.env, cwd);
  assert.deepEqual([second.status, second.stdout], [0, '']);
  assert.match(second.stderr, /No commit: nothing changed/);
});

test('settings come from .env and local.settings.json of the folder', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const { ARCGIS_PASSWORD, ...others } = portal.env;
  await writeFile(join(cwd, '.env'), `ARCGIS_PASSWORD="${ARCGIS_PASSWORD}"\nBACKUP_STORE=file:./elsewhere.git\n`);
  await writeFile(
    join(cwd, 'local.settings.json'),
    JSON.stringify({ Values: { ...others, BACKUP_STORE: 'file:./not-here.git' } }),
  );
  const { status, stderr } = await command(['run', '--user', 'backup'], {}, cwd);
  assert.equal(status, 0, stderr);
  assert.ok((await readdir(cwd)).includes('elsewhere.git'));
});

test('a partial run ends with 3, and says what of which item failed, why, and the cure', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  portal.org.addService({
    owner: 'backup',
    title: 'Elsewhere',
    layers: ['A'],
    url: '{foreign}/arcgis/rest/services/x/FeatureServer',
  });
  const { status, stderr, stdout } = await command(['run', '--json', '--log'], portal.env, cwd);
  assert.equal(status, 3);
  assert.match(stderr, /Elsewhere \([0-9a-f]{32}, backup\), features: HOST_FOREIGN: .*\n {2}Correct the address/);
  assert.match(stderr, /^\{"event":"run.started"/m);
  assert.equal((JSON.parse(stdout) as RunRecord).failures.length, 1);
});

test('every wrong setting is named at once, with its cure, and nothing is touched', async (t) => {
  const cwd = await temporaryFolder(t);
  const env = { ARCGIS_PORTAL_URL: 'http://portal.example', BACKUP_CONCURRENCY: 'many', BACKUP_SCHEDULE: 'nightly' };
  const { status, stderr, stdout } = await command(['run', '--json'], env, cwd);
  assert.equal(status, 2);
  for (const name of [...Object.keys(env), 'ARCGIS_USERNAME']) assert.match(stderr, new RegExp(`- ${name} .*\\. `));
  assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'SETTINGS_INVALID');
  assert.deepEqual(await readdir(cwd), []);
});

for (const [name, args] of [
  ['an unknown command', ['backup']],
  ['an unknown option', ['run', '--everything']],
  ['a port that is none', ['serve', '--port', 'seven']],
  ['a door with keys of which none is set', ['serve', '--port', '0', '--key']],
  ['an item id that is none', ['run', '--item', 'map']],
  ['an empty store', ['run', '--store', '']],
  ['an empty store of a command that reads only', ['verify', '--store', ' ']],
  ['an option without its value', ['verify', '--read-data']],
  ['a hold without a reason', ['hold', '--reason', ' ']],
  ['no command', []],
] as [string, string[]][]) {
  test(`${name} ends with 2, and says so in JSON as well`, async (t) => {
    const { portal, cwd } = await portalWithMaps(t);
    const { status, stderr, stdout } = await command([...args, '--json'], portal.env, cwd);
    assert.equal(status, 2, stderr);
    assert.notEqual(stderr, '');
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
    assert.equal(error.code, 'USAGE');
    assert.match(`${error.message}|${error.hint}`, /^[^|\n]+\|[^|\n]+\.$/);
    assert.deepEqual(await readdir(cwd), [], 'the default archive was touched');
  });
}

test('a setting that is none is named by every command, and BACKUP_USERS that fits nobody is no backup', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const env = { ...portal.env, BACKUP_USER: 'ana' };
  const warning = /BACKUP_USER is no setting of ago-backup and has no effect; the nearest one is BACKUP_USERS\./;
  const done = await command(['run', '--json', '--user', 'back*'], env, cwd);
  assert.equal(done.status, 0, done.stderr);
  const { warnings } = JSON.parse(done.stdout) as { warnings: { message: string }[] };
  assert.match(warnings.map(({ message }) => message).join(), warning);
  assert.match(done.stderr, warning);
  assert.match((await command(['verify'], env, cwd)).stderr, warning);
  const nobody = { ...env, BACKUP_USERS: 'bakcup,nobody*' };
  const doctor = await command(['doctor'], nobody, cwd);
  assert.equal(doctor.status, 1);
  assert.match(doctor.stderr, warning);
  assert.match(doctor.stderr, /FAIL {2}members: SETTINGS_INVALID: BACKUP_USERS: .*\n {6}Correct BACKUP_USERS/);
  const { status, stderr } = await command(['run'], nobody, cwd);
  assert.equal(status, 1);
  assert.match(stderr, /^Backup failed: SETTINGS_INVALID: BACKUP_USERS: .* bakcup, nobody\* is none of them/m);
});

for (const [name, change, code] of [
  ['a wrong password', (env: Record<string, string>) => ({ ...env, ARCGIS_PASSWORD: 'wrong' }), 'AUTH_SIGN_IN'],
  [
    'an account without privileges',
    (env: Record<string, string>) => ({ ...env, ARCGIS_USERNAME: 'clerk', ARCGIS_PASSWORD: 'clerk-password' }),
    'AUTH_PRIVILEGE',
  ],
  ['a member who does not exist', undefined, 'USAGE'],
] as [string, ((env: Record<string, string>) => Record<string, string>) | undefined, string][]) {
  test(`${name} ends with 1 and ${code}, in a sentence with its cure, and the old archive is intact`, async (t) => {
    const { portal, cwd } = await portalWithMaps(t);
    portal.org.addMember('clerk', { role: 'org_user' });
    assert.equal((await command(['run'], portal.env, cwd)).status, 0);
    const before = await git(join(cwd, 'backup.git'), 'rev-parse', 'main');
    const args = change === undefined ? ['run', '--json', '--user', 'nobody'] : ['run', '--json'];
    const { status, stderr, stdout } = await command(args, change?.(portal.env) ?? portal.env, cwd);
    assert.equal(status, 1, stderr);
    assert.match(stderr, new RegExp(`Backup failed: ${code}: .+\\n.+`));
    const record = JSON.parse(stdout) as RunRecord;
    assert.deepEqual([record.outcome, record.error?.code], ['failed', code]);
    assert.equal(await git(join(cwd, 'backup.git'), 'rev-parse', 'main'), before);
  });
}

test('a store that is no repository is left alone', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  await mkdir(join(cwd, 'photos'));
  await writeFile(join(cwd, 'photos', 'cat.jpg'), 'meow');
  const { status, stderr } = await command(['run', '--store', 'file:./photos'], portal.env, cwd);
  assert.equal(status, 1);
  assert.match(stderr, /STORE_NOT_REPOSITORY/);
  assert.deepEqual(await readdir(join(cwd, 'photos')), ['cat.jpg']);
});

test('serve answers on the loopback, and ends within seconds of SIGTERM', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const { child, output } = start(['serve', '--port', '0'], portal.env, cwd);
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const printed = async (stream: 'stdout' | 'stderr', text: string) => {
    while (!output[stream].includes(text)) {
      assert.equal(child.exitCode ?? child.signalCode, null, output.stderr);
      await Promise.race([once(child[stream], 'data'), exited]);
    }
  };
  await printed('stderr', 'Listening');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)?.[0] ?? '';
  assert.equal((await fetch(`${url}/api/health`)).status, 200);
  const accepted = await fetch(`${url}/api/backups`, { method: 'POST', body: '{}' });
  assert.equal(accepted.status, 202);
  await printed('stdout', 'run.completed');
  const ask = async () =>
    ((await (await fetch(url + (accepted.headers.get('location') ?? ''))).json()) as { status: string }).status;
  // After its last log line the run still tidies up.
  let status = await ask();
  while (status === 'running') status = await ask();
  assert.equal(status, 'complete');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  for (const line of output.stdout.trim().split('\n')) assert.equal(typeof JSON.parse(line), 'object');
});

test('without an account of the portal, serve shows the archive and offers no backup', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  assert.equal((await command(['run'], portal.env, cwd)).status, 0);
  const { child, output } = start(['serve', '--port', '0', '--store', 'file:./backup.git'], {}, cwd);
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  while (!output.stderr.includes('No account'))
    await Promise.race([once(child.stderr, 'data'), exited.then(() => assert.fail(output.stderr))]);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)?.[0] ?? '';
  const page = await (await fetch(url)).text();
  assert.match(page, /The last good backup is/);
  assert.doesNotMatch(page, /Back up now/);
  await git(cwd, 'clone', '-q', `${url}/archive.git`, 'clone');
  await git(join(cwd, 'clone'), 'fsck', '--strict');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('Ctrl-C ends a run in order: a message, no export left in the portal, the archive as it was', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  portal.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  portal.jobs.rules.end = 'never';
  const { child, output } = start(['run', '--json'], portal.env, cwd);
  t.after(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  while (portal.leftovers().length === 0) {
    assert.equal(child.exitCode, null, output.stderr);
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGINT');
  assert.deepEqual(await closed, [130, null]);
  assert.match(output.stderr, /^Ending the run; .*\nBackup cancelled: RUN_CANCELLED: /m);
  assert.equal((JSON.parse(output.stdout) as RunRecord).outcome, 'cancelled');
  assert.deepEqual(portal.leftovers(), []);
  await git(join(cwd, 'backup.git'), 'fsck', '--strict');
  portal.jobs.rules.end = 'completed';
  assert.equal((await command(['run'], portal.env, cwd)).status, 0);
});

test('serve on a port that is taken says so and ends, and the archive of the other is not touched', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { status, stdout, stderr } = await command(['serve', '--json', '--port', String(port)], portal.env, cwd);
  assert.equal(status, 2);
  assert.match(stderr, new RegExp(`^USAGE: Something else listens on port ${port} .*\\n.*--port`));
  assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'USAGE');
  assert.deepEqual(await readdir(cwd), []);
});

test('doctor says what works, and what to do about what does not', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  const fine = await command(['doctor', '--json'], portal.env, cwd);
  assert.equal(fine.status, 0, fine.stderr);
  assert.match(fine.stderr, /ok {4}sign-in: Signed in as backup\.[^]*HEALTHCHECKS_PING_URL is not set[^]*ready/);
  const { checks } = JSON.parse(fine.stdout) as { checks: { name: string; ok: boolean }[] };
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['settings', 'sign-in', 'members', 'store', 'ping'],
  );
  assert.match(fine.stderr, /ok {4}store: .*backup\.git holds nothing\.\n {6}! There is no archive yet; the first run/);
  assert.deepEqual(await readdir(cwd), [], 'a misspelt path must not become a folder');
  const wrong = await command(['doctor'], { ...portal.env, ARCGIS_PASSWORD: 'wrong' }, cwd);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /FAIL {2}sign-in: AUTH_SIGN_IN: .*\n {6}Check ARCGIS_USERNAME/);
  assert.doesNotMatch(wrong.stderr + wrong.stdout, /: wrong|"wrong"/);
  const none = await command(['doctor'], {}, cwd);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /FAIL {2}settings: ARCGIS_USERNAME/);
});

test('doctor tells once that a portal does not answer, and goes on with what does', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  await portal.close();
  const { status, stderr, stdout } = await command(['doctor', '--json'], portal.env, cwd);
  assert.equal(status, 1);
  assert.equal(stderr.match(/PORTAL_UNREACHABLE/g)?.length, 1);
  assert.match(stderr, /FAIL {2}sign-in: [^]*--  {3}members: Not asked[^]*ok {4}store: /);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean }[] };
  assert.deepEqual(checks.map(({ name, ok }) => `${name} ${ok}`).slice(1, 3), ['sign-in false', 'members false']);
});

test('doctor finds that a store could not be made, and writes where there is one', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  await writeFile(join(cwd, 'file'), '');
  const below = await command(['doctor', '--store', 'file:./file/backup.git'], portal.env, cwd);
  assert.equal(below.status, 1);
  assert.match(below.stderr, /FAIL {2}store: STORE_UNREACHABLE: .*\n {6}Check the path of BACKUP_STORE\./);
  for (const name of ['maintain', 'verify']) {
    const { status, stderr } = await command([name, '--store', 'file:./misspelt/backup.git'], {}, cwd);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /holds no archive/);
  }
  assert.deepEqual(await readdir(cwd), ['file']);
  assert.equal((await command(['run'], portal.env, cwd)).status, 0);
  const there = await command(['doctor'], portal.env, cwd);
  assert.match(there.stderr, /ok {4}store: .*backup\.git can be written and is at commit [0-9a-f]{10}\.\n/);
});

test('a disk that refuses writing is a sentence, not a stack', async (t) => {
  const { portal, cwd } = await portalWithMaps(t);
  if (process.getuid?.() === 0) {
    // Root may write anywhere, so a file stands where the folder should be.
    await writeFile(join(cwd, 'backup.git'), '');
  } else {
    await mkdir(join(cwd, 'backup.git'));
    await chmod(join(cwd, 'backup.git'), 0o500);
  }
  const { status, stderr } = await command(['run'], portal.env, cwd);
  assert.equal(status, 1);
  assert.match(stderr, /STORE_\w+: .+\./);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const { status, stdout, stderr } = await command(['--version'], {}, await temporaryFolder(t));
  assert.deepEqual([status, stdout, stderr], [0, `${version}\n`, '']);
});
