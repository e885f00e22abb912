import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import { inspect } from 'node:util';
import { openVault } from '../../lib/vault/secrets.ts';
import { newBackup } from '../support/backup.ts';
import { answer, startHalfOpen } from '../support/half-open.ts';
import { Organization } from '../support/portal/organization.ts';
import { detour, startVault } from '../support/vault.ts';

// The real SDK would refuse a vault without TLS, and one outside Azure.
const options = {
  disableChallengeResourceVerification: true,
  allowInsecureConnection: true,
  retryOptions: { maxRetries: 0 },
};

async function newVault(t: TestContext) {
  const vault = await startVault();
  Object.assign(process.env, vault.identity);
  t.after(async () => {
    for (const name of Object.keys(vault.identity)) delete process.env[name];
    await vault.close();
  });
  const read = openVault(vault.url, new ManagedIdentityCredential({ clientId: 'id' }), options);
  return { vault, read };
}

test('a secret is read by the identity of the app, through the real challenge', async (t) => {
  const { vault, read } = await newVault(t);
  vault.secrets.set('arcgis-password', 'correct-horse');
  assert.equal((await read('arcgis-password'))?.reveal(), 'correct-horse');
  assert.equal(await read('arcgis-api-key'), undefined);
});

test('the SDK needs no careless flag: with the address of a real vault its challenge is checked', async (t) => {
  const { vault } = await newVault(t);
  const { httpClient, tokens } = detour(vault);
  const read = openVault('https://v.vault.azure.net', new ManagedIdentityCredential({ clientId: 'id' }), {
    httpClient,
  });
  vault.secrets.set('arcgis-password', 'correct-horse');
  assert.equal((await read('arcgis-password'))?.reveal(), 'correct-horse');
  assert.deepEqual(tokens, ['Bearer fake-vault-token']);
});

test('a vault that asks for a token for somebody else gets none', async (t) => {
  const { vault } = await newVault(t);
  const { httpClient, tokens } = detour(vault);
  vault.resource = 'https://vault.example.com';
  const read = openVault('https://v.vault.azure.net', new ManagedIdentityCredential({ clientId: 'id' }), {
    httpClient,
  });
  await assert.rejects(read('arcgis-password'), { code: 'VAULT_UNREACHABLE' });
  assert.deepEqual(tokens, []);
});

test('a rotated secret is read anew, an empty one is none, and neither shows itself', async (t) => {
  const { vault, read } = await newVault(t);
  for (const value of ['first-horse', 'second-horse']) {
    vault.secrets.set('arcgis-password', value);
    const secret = await read('arcgis-password');
    assert.equal(secret?.reveal(), value);
    assert.doesNotMatch(inspect(secret, { showHidden: true }), /horse/);
  }
  vault.secrets.set('arcgis-password', '');
  assert.equal(await read('arcgis-password'), undefined);
  assert.equal(vault.reads.length, 3);
});

for (const [status, code, inner, expected] of [
  [403, 'Forbidden', 'ForbiddenByRbac', 'SECRET_REFUSED'],
  [403, 'Forbidden', 'AccessDenied', 'SECRET_REFUSED'],
  [403, 'Forbidden', '', 'SECRET_REFUSED'],
  [403, 'Forbidden', 'SecretDisabled', 'SECRET_MISSING'],
  [403, 'Forbidden', 'ForbiddenByFirewall', 'VAULT_UNREACHABLE'],
  [403, 'Forbidden', 'ForbiddenByConnection', 'VAULT_UNREACHABLE'],
  [401, 'Unauthorized', '', 'SECRET_REFUSED'],
  [500, 'InternalServerError', '', 'VAULT_UNREACHABLE'],
  [503, 'ServiceUnavailable', '', 'VAULT_UNREACHABLE'],
] as const) {
  test(`a vault that answers ${status} ${inner || code} is ${expected}, without any token in the message`, async (t) => {
    const { vault, read } = await newVault(t);
    vault.refusal = { status, code, inner };
    await assert.rejects(read('arcgis-password'), (error: Error & { code?: string }) => {
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /fake-vault-token|fake-identity-header/);
      assert.match(error.message, /127\.0\.0\.1:\d+/);
      return error.code === expected;
    });
  });
}

test('a vault that is not there is VAULT_UNREACHABLE', async (t) => {
  const { vault } = await newVault(t);
  const read = openVault('http://127.0.0.1:1', new ManagedIdentityCredential({ clientId: 'id' }), options);
  await assert.rejects(read('arcgis-password'), { code: 'VAULT_UNREACHABLE' });
  assert.deepEqual(vault.reads, []);
});

test('a vault that takes connections and never answers, or stops in its answer, is VAULT_UNREACHABLE', async (t) => {
  const { vault } = await newVault(t);
  const credential = { getToken: () => Promise.resolve({ token: 'x', expiresOnTimestamp: 4e12 }) };
  const retryOptions = { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 1 };
  const challenge = { 'www-authenticate': `Bearer authorization="https://x/t", resource="${vault.resource}"` };
  for (const played of [
    [{ silent: true }],
    [{ says: answer(401, { ...challenge, 'content-length': 10 }) }],
    [{ says: answer(200, { 'content-type': 'application/json', 'content-length': 100 }, '{"value":') }],
  ] as const) {
    const server = await startHalfOpen(...played);
    const url = `http://127.0.0.1:${server.port}`;
    const read = openVault(url, credential, { ...options, retryOptions }, { silence: 30, lookup: 30 });
    await assert.rejects(read('arcgis-password'), { code: 'VAULT_UNREACHABLE', retryable: true });
    await server.close();
  }
});

test('a vault whose name nobody knows is not tried for ever, and the cure is named', async () => {
  const credential = { getToken: () => Promise.resolve({ token: 'x', expiresOnTimestamp: 4e12 }) };
  const retryOptions = { maxRetries: 2, retryDelayInMs: 1 };
  const read = openVault('https://nowhere.invalid', credential, { retryOptions }, { silence: 1000, lookup: 30 });
  await assert.rejects(read('arcgis-password'), {
    code: 'VAULT_UNREACHABLE',
    retryable: false,
    message: /nowhere\.invalid.*EAI_FAIL/,
    hint: /KEY_VAULT_URL/,
  });
});

test('a whole run signs in with secrets of the vault, and a rotated password works at the next run', async (t) => {
  const { vault, read } = await newVault(t);
  const org = new Organization();
  const { run, portal, env, open } = await newBackup(t, { org });
  vault.secrets.set('arcgis-username', 'backup').set('arcgis-password', org.admin.password);
  delete env['ARCGIS_USERNAME'];
  delete env['ARCGIS_PASSWORD'];
  env['KEY_VAULT_URL'] = 'https://v.vault.azure.net';
  await open({ vault: read });
  assert.equal((await run()).outcome, 'complete');
  org.admin.password = 'rotated';
  org.accounts.set('backup', org.admin);
  assert.equal((await run()).error?.code, 'AUTH_SIGN_IN');
  vault.secrets.set('arcgis-password', 'rotated');
  assert.equal((await run()).outcome, 'complete');
  assert.equal(portal.log.count(/generateToken/), 3);
});

test('a vault without the secrets says which are missing', async (t) => {
  const { read } = await newVault(t);
  const { run, env, open } = await newBackup(t);
  delete env['ARCGIS_USERNAME'];
  delete env['ARCGIS_PASSWORD'];
  env['KEY_VAULT_URL'] = 'https://v.vault.azure.net';
  await open({ vault: read });
  const { error } = await run();
  assert.match(`${error?.code} ${error?.message} ${error?.hint}`, /SECRET_MISSING.*arcgis-username/);
});
