import { toFailure } from '../../lib/errors.ts';
import { ManagedIdentityCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { AzureStore } from '../../lib/storage/azure/azure.ts';
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
process.stdout.write(JSON.stringify((await app.readRecord(runId)) ?? app.lostRecord(runId, toFailure(error))));
await host.close();
