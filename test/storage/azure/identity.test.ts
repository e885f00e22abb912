import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunRecord } from '../../../lib/backup/run.ts';
import { temporaryFolder } from '../../git/stock-git.ts';
import { startAzurite } from '../../support/azurite.ts';
import { demoOrganization } from '../../support/demo-organization.ts';
import { startPortal } from '../../support/portal/portal.ts';
import { startVault } from '../../support/vault.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const run = promisify(execFile);

test(
  'a whole run by identity: storage over TLS, secrets from the vault, no key anywhere',
  { skip: !hasOpenssl && 'openssl makes the certificate' },
  async (t) => {
    const folder = await temporaryFolder(t);
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run('openssl', [
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
      ...subject,
    ]);
    const azurite = await startAzurite({ cert, key });
    const vault = await startVault();
    const portal = await startPortal({ org: demoOrganization() });
    t.after(() => Promise.all([azurite.close(), vault.close(), portal.close()]));
    vault.secrets.set('arcgis-username', portal.env.ARCGIS_USERNAME).set('arcgis-password', portal.env.ARCGIS_PASSWORD);
    const env = {
      PATH: process.env['PATH'] ?? '',
      ...vault.identity,
      ARCGIS_PORTAL_URL: portal.url,
      KEY_VAULT_URL: 'https://v.vault.azure.net',
      BACKUP_STORE: 'https://account.blob.core.windows.net/backup',
      CONTAINER_URL: azurite.container('backup'),
      FAKE_VAULT_URL: vault.url,
      NODE_EXTRA_CA_CERTS: cert,
    };
    assert.match(env.CONTAINER_URL, /^https:/);
    const script = fileURLToPath(new URL('../../support/identity-run.ts', import.meta.url));
    const records: (RunRecord & { lent: number[] })[] = [];
    for (let n = 0; n < 2; n++)
      records.push(JSON.parse((await run(process.execPath, [script], { env })).stdout) as (typeof records)[number]);
    assert.deepEqual(
      records.map(({ outcome, added, unchanged }) => [outcome, added, unchanged]),
      [
        ['complete', 58, 0],
        ['complete', 0, 58],
      ],
    );
    const lent = 'an address that is lent opens one blob, for reading, in its time';
    for (const record of records) assert.deepEqual(record.lent, [200, 403, 403, 403], lent);
    assert.ok(vault.reads.includes('arcgis-password'));
    assert.deepEqual(portal.leaks, []);
  },
);
