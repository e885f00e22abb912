import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { ManagedIdentityCredential } from '@azure/identity';
import { systemClock } from '../../lib/clock.ts';
import { openStore } from '../../lib/storage/open.ts';
import { azureCredential, inTime } from '../../lib/vault/credential.ts';
import { openVault } from '../../lib/vault/secrets.ts';
import { detour, startVault, type FakeVault } from '../support/vault.ts';

// One for all tests of this file: @azure/identity keeps the first endpoint that it found, for the whole process.
let vault: FakeVault;
before(async () => {
  vault = await startVault();
  Object.assign(process.env, vault.identity);
});
after(() => vault.close());

const url = 'https://v.vault.azure.net';

test('the identity of an app in Azure is that of AZURE_CLIENT_ID, and one for the whole process', async () => {
  vault.secrets.set('arcgis-password', 'correct-horse');
  const { httpClient, tokens } = detour(vault);
  const secret = await openVault(url, azureCredential(url), { httpClient })('arcgis-password');
  assert.equal(secret?.reveal(), 'correct-horse');
  assert.deepEqual(tokens, ['Bearer fake-vault-token']);
  assert.equal(azureCredential(url), azureCredential('https://other.vault.azure.net'));
  assert.notEqual(azureCredential(url), azureCredential('https://v.vault.usgovcloudapi.net'));
});

for (const [name, clientId, header] of [
  ['an identity that the app does not have', 'other', undefined],
  ['an identity endpoint that answers without a token', 'empty', undefined],
  ['an identity endpoint that refuses', 'third', 'wrong'],
] as const) {
  test(`${name} is said to be the trouble, with what to set; the vault is not asked`, async (t) => {
    if (header !== undefined) process.env['IDENTITY_HEADER'] = header;
    t.after(() => Object.assign(process.env, vault.identity));
    const { httpClient, tokens } = detour(vault);
    // The library's own patience is seconds.
    const credential = new ManagedIdentityCredential({ clientId, retryOptions: { maxRetries: 0 } });
    const read = openVault(url, credential, { httpClient, retryOptions: { maxRetries: 0 } });
    await assert.rejects(read('arcgis-password'), (error: Error & { code?: string; hint?: string }) => {
      assert.match(error.hint ?? '', /AZURE_CLIENT_ID.*az login/);
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /fake-identity-header|fake-vault-token/);
      return error.code === 'SECRET_REFUSED';
    });
    assert.deepEqual(tokens, []);
  });
}

test('an identity that never answers is said to be the trouble', async () => {
  const silent = inTime(() => new Promise(() => undefined), 10);
  const { httpClient } = detour(vault);
  const read = openVault(url, silent, { httpClient, retryOptions: { maxRetries: 0 } });
  await assert.rejects(read('arcgis-password'), { code: 'SECRET_REFUSED', hint: /AZURE_CLIENT_ID/ });
  const store = openStore('https://account.blob.core.windows.net/backup', {
    clock: systemClock,
    credential: () => silent,
  });
  await assert.rejects(store.get('HEAD'), { code: 'STORE_REFUSED', hint: /AZURE_CLIENT_ID/ });
});
