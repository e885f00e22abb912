import type { PortalParts } from './arcgis/portal.ts';
import { onePerRun } from './one-per-run.ts';
import type { Restorer } from './restore/deps.ts';
import { restoreCredentials } from './settings/credentials.ts';
import type { Settings } from './settings/settings.ts';
import { readSecrets } from './vault/read-secrets.ts';
import type { ReadSecret } from './vault/secrets.ts';

/**
 * Who restores, and what they write with: asked for by the id of a restore, whose secrets are read once. Throws RESTORE_ACCOUNT, SECRET_…
 * and VAULT_….
 */
export function openRestorer(
  settings: Settings,
  vault: ReadSecret | undefined,
  parts: Pick<PortalParts, 'clock' | 'fetch' | 'timeouts'>,
): (restoreId: string) => Promise<Restorer> {
  const { portalUrl, restorePortalUrl, restoreRate } = settings;
  const url = restorePortalUrl ?? portalUrl;
  return onePerRun(async () => {
    const credentials = restoreCredentials(await readSecrets(settings, vault, 'restore'));
    // They take as long to load as all the rest, and only who restores needs them.
    const [
      { connect, portalOf },
      { asRestorers },
      { Writer },
      { openWriting },
      { openServiceWriting },
      { openGroupWriting },
    ] = await Promise.all([
      import('./arcgis/portal.ts'),
      import('./arcgis/connection/refused-sign-in.ts'),
      import('./arcgis/writing/writer.ts'),
      import('./arcgis/writing/writing.ts'),
      import('./arcgis/writing/service-writing.ts'),
      import('./arcgis/writing/group-writing.ts'),
    ]);
    const client = connect({ url, credentials, told: asRestorers, ...parts });
    const writer = new Writer(client, restoreRate);
    return {
      url,
      portal: portalOf(client),
      writing: openWriting(client, writer),
      services: openServiceWriting(client, writer),
      groups: openGroupWriting(writer),
      isOwnPortal: url !== portalUrl,
    };
  });
}

/** Is anything set of an account that restores? Throws SECRET_… and VAULT_…. */
export async function mayRestore(settings: Settings, vault: ReadSecret | undefined): Promise<boolean> {
  const { RESTORE_USERNAME, RESTORE_PASSWORD } = await readSecrets(settings, vault, 'restore');
  return RESTORE_USERNAME !== undefined || RESTORE_PASSWORD !== undefined;
}
