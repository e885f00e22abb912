import { toFailure } from '../../lib/errors.ts';
import { ManagedIdentityCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { AzureStore } from '../../lib/storage/azure/azure.ts';
import { openContainer } from '../../lib/storage/azure/container.ts';
import { openVault } from '../../lib/vault/secrets.ts';

/** A whole run in a process of its own, by identity alone: no key, no password in its settings. Prints the run record. */
const env = process.env;
const credential = new ManagedIdentityCredential({ clientId: String(env['AZURE_CLIENT_ID']) });
const store = new AzureStore(new ContainerClient(String(env['CONTAINER_URL']), credential));
const options = { disableChallengeResourceVerification: true, allowInsecureConnection: true };
const vault = openVault(String(env['FAKE_VAULT_URL']), credential, options);
const { host, app } = await startLocalHost(env, () => undefined, { store, vault });
const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
const { runId } = JSON.parse(answer.body) as { runId: string };
const { error } = await host.completed('ago-backup');
const record = (await app.readRecord(runId)) ?? app.lostRecord(runId, toFailure(error));
// What Azure lends opens one blob, for reading, until it ends.
const lender = openContainer(String(env['CONTAINER_URL']), credential, {});
const now = Date.now();
const lent = (await lender.lend?.('HEAD', { now, until: now + 60_000 })) ?? '';
const late = (await lender.lend?.('HEAD', { now: now - 120_000, until: now - 60_000 })) ?? '';
const statuses: number[] = [];
for (const [url, method] of [
  [lent, 'GET'],
  [lent.replace('/HEAD?', '/config?'), 'GET'],
  [lent, 'DELETE'],
  [late, 'GET'],
] as const)
  statuses.push((await fetch(url, { method })).status);
process.stdout.write(JSON.stringify({ ...record, lent: statuses }));
await host.close();
