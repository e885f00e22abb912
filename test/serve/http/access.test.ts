import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Secret } from '../../../lib/secret.ts';
import { openGate } from '../../../lib/serve/access/gate.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { commitNext, newArchive, testClock } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { VirtualClock } from '../../support/clock.ts';
import { serveStore } from '../served.ts';

const keys = { ARCHIVE_READ_KEY: 'look-only', ARCHIVE_OPERATOR_KEY: 'may-start' };
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** An archive as Azure serves it: by keys. */
async function served(t: TestContext, settings: Record<string, string>) {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('keys', new DirectoryStore(path, { clock: testClock() }));
  await commitNext(store, repository, { a: 'a' });
  const { url, host } = await serveStore(t, path, { settings, isOpen: false });
  return { folder, url, host };
}

/** Every address below archive.git, and how it is asked. */
const addresses = [
  ['GET', '/info/refs?service=git-upload-pack'],
  ['GET', '/info/refs?service=git-receive-pack'],
  ['GET', '/info/refs'],
  ['POST', '/git-upload-pack'],
  ['POST', '/git-receive-pack'],
  ['POST', '/info/lfs/objects/batch'],
  ['GET', `/info/lfs/objects/${'a'.repeat(64)}`],
  ['GET', '/info/lfs/locks'],
  ['POST', '/info/lfs/locks'],
  ['POST', '/info/lfs/locks/verify'],
] as const;

test('without a key in the settings there is nothing, whatever is presented', async (t) => {
  const { url } = await served(t, {});
  for (const [method, path] of addresses)
    for (const authorization of [undefined, basic('git:'), basic('git:undefined')]) {
      const answer = await fetch(url + path, { method, headers: authorization === undefined ? {} : { authorization } });
      assert.equal(answer.status, 404, `${method} ${path}`);
    }
});

test('with keys, every address asks for one, and the right one opens it', async (t) => {
  const { url } = await served(t, keys);
  for (const [method, path] of addresses) {
    const asked = await fetch(url + path, { method });
    assert.equal(asked.status, 401, `${method} ${path}`);
    assert.match(asked.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    assert.match(asked.headers.get('lfs-authenticate') ?? '', /^Basic realm=/);
    for (const key of Object.values(keys)) {
      const opened = await fetch(url + path, { method, headers: { authorization: basic(`any:${key}`) } });
      assert.ok(
        ![401, 404, 429].includes(opened.status) || path.includes('aaaa'),
        `${method} ${path}: ${opened.status}`,
      );
    }
  }
  // Who is led to a page to sign in takes that for a broken repository.
  const other = await fetch(url.replace('archive.git', 'other.git/info/refs'), { redirect: 'manual' });
  assert.deepEqual(
    [other.status, await other.text()],
    [404, 'There is nothing at this address. git clones /archive.git, and docs/http.md says what /api/ answers.\n'],
  );
  const bearer = await fetch(`${url}/info/lfs/locks`, { headers: { authorization: 'Bearer look-only' } });
  assert.equal(bearer.status, 401);
  const cookie = await fetch(`${url}/info/lfs/locks`, { headers: { cookie: '__Host-archive=look-only' } });
  assert.equal(cookie.status, 401);
});

test('git clones with the key, is refused without it, and never pushes', async (t) => {
  const { folder, url } = await served(t, keys);
  const withKey = (key: string) => url.replace('//', `//git:${key}@`);
  await assert.rejects(git(folder, 'clone', '--quiet', url, 'none'), /could not read Username|Authentication failed/);
  await assert.rejects(git(folder, 'clone', '--quiet', withKey('wrong'), 'wrong'), /Authentication failed/);
  await git(folder, 'clone', '--quiet', withKey('look-only'), 'clone');
  await git(join(folder, 'clone'), 'commit', '--quiet', '--allow-empty', '-m', 'mine');
  for (const key of Object.values(keys))
    await assert.rejects(git(join(folder, 'clone'), 'push', '--quiet', withKey(key), 'main'), /403/);
});

test('wrong keys wait, many of them are sent away, and the right one still opens', async () => {
  const clock = new VirtualClock();
  const reader = new Secret('look-only');
  const gate = openGate({ clock, isOpen: false, keys: () => Promise.resolve({ reader, operator: undefined }) });
  const began = clock.now();
  for (let n = 0; n < 10; n++) assert.deepEqual(await gate(basic(`git:guess${n}`)), { status: 401, isGuess: true });
  assert.ok(clock.now() - began >= 10_000, 'a second each');
  assert.deepEqual(await gate(basic('git:guess')), { status: 429, isGuess: true });
  assert.deepEqual(await gate(basic('git:look-only')), { role: 'reader' });
  assert.deepEqual(await gate(null), { status: 401, isGuess: false }, 'git asks without a key first');
  await clock.sleep(60_000);
  assert.deepEqual(await gate(basic('git:guess')), { status: 401, isGuess: true });
});

test('with --key the API asks for one too, and only the operator changes something', async (t) => {
  const { url } = await served(t, keys);
  const ask = async (method: string, key?: string) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'x-functions-key': key };
    const body = method === 'POST' ? { body: '{"nonsense": 1}' } : {};
    return (await fetch(url.replace('archive.git', 'api/backups'), { method, headers, ...body })).status;
  };
  assert.deepEqual([await ask('GET'), await ask('POST')], [401, 401]);
  assert.deepEqual([await ask('GET', 'wrong'), await ask('POST', 'wrong')], [401, 401]);
  assert.deepEqual([await ask('GET', 'look-only'), await ask('POST', 'look-only')], [200, 403]);
  assert.deepEqual([await ask('GET', 'may-start'), await ask('POST', 'may-start')], [200, 400]);
  const acknowledge = async (key: string) => {
    const address = url.replace('archive.git', 'api/warnings/x/acknowledged');
    return (await fetch(address, { method: 'PUT', headers: { 'x-functions-key': key } })).status;
  };
  assert.deepEqual(
    [await acknowledge('wrong'), await acknowledge('look-only'), await acknowledge('may-start')],
    [401, 403, 404],
  );
  assert.equal((await fetch(url.replace('archive.git', 'api/health'))).status, 200, 'anybody may ask for its health');
});

test('the loopback host of a laptop asks for no key', async () => {
  const none = { reader: undefined, operator: undefined };
  const gate = openGate({ clock: new VirtualClock(), isOpen: true, keys: () => Promise.resolve(none) });
  assert.deepEqual(await gate(null), { role: 'reader' });
});
