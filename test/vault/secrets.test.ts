import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import { openVault } from '../../lib/vault/secrets.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';
import { startVault } from '../support/vault.ts';

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

for (const [status, code, expected] of [
  [403, 'Forbidden', 'SECRET_REFUSED'],
  [403, 'SecretDisabled', 'SECRET_MISSING'],
  [401, 'Unauthorized', 'SECRET_REFUSED'],
  [500, 'InternalServerError', 'VAULT_UNREACHABLE'],
  [503, 'ServiceUnavailable', 'VAULT_UNREACHABLE'],
] as const) {
  test(`a vault that answers ${status} ${code} is ${expected}, without any token in the message`, async (t) => {
    const { vault, read } = await newVault(t);
    vault.refusal = { status, code };
    await assert.rejects(read('arcgis-password'), (error: Error & { code?: string }) => {
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${error.stack}`, /fake-vault-token/);
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

test('an identity that cannot sign in is said to be one', async (t) => {
  const { vault } = await newVault(t);
  process.env['IDENTITY_HEADER'] = 'wrong';
  // Another id, since the token of the first is kept by the library.
  const read = openVault(vault.url, new ManagedIdentityCredential({ clientId: 'other' }), options);
  await assert.rejects(read('arcgis-password'), { code: 'SECRET_REFUSED' });
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
