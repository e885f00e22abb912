import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { patientAgents, useProxies } from '../lib/connections.ts';
import { isCode } from '../lib/errors.ts';
import { openVault } from '../lib/vault/secrets.ts';
import { temporaryFolder } from './git/stock-git.ts';
import { startAzurite } from './support/azurite.ts';
import { command } from './support/command.ts';
import { startHealthchecks } from './support/healthchecks.ts';
import { startProxy } from './support/forward-proxy.ts';
import { Organization } from './support/portal/organization.ts';
import { startPortal } from './support/portal/portal.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('portal, store and ping are all asked through the proxy, but for the hosts of NO_PROXY', async (t) => {
  const folder = await temporaryFolder(t);
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
  const [portal, azurite, healthchecks, proxy] = await Promise.all([
    startPortal({ org }),
    startAzurite(),
    startHealthchecks(),
    startProxy(),
  ]);
  t.after(() => Promise.all([portal, azurite, healthchecks, proxy].map((each) => each.close())));
  // Settings of a laptop: Node itself reads no .env.
  const env = {
    ...portal.env,
    BACKUP_STORE: azurite.container('backup'),
    HEALTHCHECKS_PING_URL: healthchecks.url,
    HTTP_PROXY: proxy.url,
  };
  const { status, stderr } = await command(['run'], env, folder);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    healthchecks.heard.map(({ signal }) => signal),
    ['start', 'success'],
  );
  const hosts = [portal.url, azurite.url, healthchecks.url].map((url) => new URL(url).host);
  for (const host of hosts) assert.ok(proxy.seen.includes(host), host);
  proxy.seen.length = 0;
  const around = await command(['run'], { ...env, NO_PROXY: 'other.example,127.0.0.1' }, folder);
  assert.equal(around.status, 0, around.stderr);
  assert.deepEqual(proxy.seen, []);
});

test('a vault over TLS is reached by a name that only the proxy knows; an app asks for its identity itself', async (t) => {
  if (!hasOpenssl) return t.skip('openssl makes the certificate');
  const folder = await temporaryFolder(t);
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const names = ['-subj', '/CN=v.vault.example', '-addext', 'subjectAltName=DNS:v.vault.example'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...names,
  ]);
  const tls = { cert: await readFile(cert), key: await readFile(key) };
  const server = https.createServer(tls, (_ask, answer) => void answer.writeHead(401).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy({ port: (server.address() as AddressInfo).port });
  t.after(() =>
    Promise.all([proxy.close(), new Promise((done) => (server.closeAllConnections(), server.close(done)))]),
  );
  const trouble = useProxies({ HTTPS_PROXY: proxy.url, IDENTITY_ENDPOINT: 'http://localhost:42/token' });
  assert.equal(trouble, undefined);
  const agents = patientAgents();
  agents.https.options.ca = await readFile(cert);
  const ask = async (host: string) => {
    const asking = https.get({ host, port: 443, path: '/', agent: agents.https });
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  assert.equal(await ask('v.vault.example'), 401);
  assert.deepEqual(proxy.seen, ['v.vault.example:443']);
  const token = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const read = openVault('https://v.vault.example', token);
  await assert.rejects(
    read('n'),
    (error) =>
      isCode(error, 'VAULT_UNREACHABLE') && /SELF_SIGNED/.test(error.message) && /NODE_EXTRA_CA_CERTS/.test(error.hint),
  );
  assert.deepEqual(proxy.seen, ['v.vault.example:443', 'v.vault.example:443']);
});
