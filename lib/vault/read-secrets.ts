import type { Secret } from '../secret.ts';
import type { Settings } from '../settings/settings.ts';
import { definitions, type SecretName } from '../settings/table.ts';
import type { ReadSecret } from './secrets.ts';

/**
 * Secrets from the environment, and from the vault what the environment does not have. The account that restores is asked for by a
 * restore alone, and a restore asks for nothing else. Throws SECRET_… and VAULT_….
 */
export async function readSecrets(
  settings: Settings,
  vault: ReadSecret | undefined,
  of: 'backup' | 'restore' = 'backup',
): Promise<Partial<Record<SecretName, Secret>>> {
  if (vault === undefined) return settings.secrets;
  const found: Partial<Record<SecretName, Secret>> = { ...settings.secrets };
  for (const [name, definition] of Object.entries(definitions)) {
    if (name.startsWith('RESTORE_') !== (of === 'restore')) continue;
    if (!('vault' in definition) || found[name as SecretName] !== undefined) continue;
    const secret = await vault(definition.vault);
    if (secret !== undefined) found[name as SecretName] = secret;
  }
  return found;
}
