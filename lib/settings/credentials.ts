import { BackupError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { invalid, type Problem } from './problem.ts';
import { definitions, type SecretName } from './table.ts';

/** Secrets by the names of their settings, as far as they are known. */
export type Secrets = Readonly<Partial<Record<SecretName, Secret>>>;

/** What the portal is asked with: one of three kinds. */
export type Credentials =
  | { kind: 'password'; username: string; password: Secret }
  | { kind: 'app'; clientId: string; clientSecret: Secret }
  | { kind: 'key'; apiKey: Secret };

/**
 * The one kind of credentials that is complete. Throws SETTINGS_INVALID when there is none, a half one, or more than one;
 * SECRET_MISSING when a key vault was to hold them.
 */
export function chooseCredentials(secrets: Secrets, vaultUrl?: string): Credentials {
  const problems = checkCredentials(secrets);
  const [problem] = problems;
  if (problem !== undefined) {
    const vaultName = (definitions[problem.setting as SecretName] as { vault?: string }).vault;
    if (vaultUrl === undefined || secrets[problem.setting as SecretName] !== undefined) throw invalid(problems);
    const vault = new URL(vaultUrl).host;
    throw new BackupError('SECRET_MISSING', `Neither the settings nor the key vault ${vault} hold ${vaultName ?? ''}.`);
  }
  const { ARCGIS_USERNAME, ARCGIS_PASSWORD, ARCGIS_CLIENT_ID, ARCGIS_CLIENT_SECRET, ARCGIS_API_KEY } = secrets;
  if (ARCGIS_API_KEY) return { kind: 'key', apiKey: ARCGIS_API_KEY };
  if (ARCGIS_CLIENT_ID && ARCGIS_CLIENT_SECRET) {
    return { kind: 'app', clientId: ARCGIS_CLIENT_ID.reveal(), clientSecret: ARCGIS_CLIENT_SECRET };
  }
  if (ARCGIS_USERNAME && ARCGIS_PASSWORD) {
    return { kind: 'password', username: ARCGIS_USERNAME.reveal(), password: ARCGIS_PASSWORD };
  }
  throw invalid(problems);
}

/** What is wrong with the credentials: none, half of a kind, or more than one kind. */
export function checkCredentials(secrets: Secrets): Problem[] {
  const pairs: SecretName[][] = [
    ['ARCGIS_USERNAME', 'ARCGIS_PASSWORD'],
    ['ARCGIS_CLIENT_ID', 'ARCGIS_CLIENT_SECRET'],
    ['ARCGIS_API_KEY'],
  ];
  const begun = pairs.filter((names) => names.some((name) => secrets[name]));
  if (begun.length === 0) {
    const message =
      'ARCGIS_USERNAME and ARCGIS_PASSWORD are missing. Set them, or ARCGIS_CLIENT_ID and ARCGIS_CLIENT_SECRET, or ARCGIS_API_KEY, or KEY_VAULT_URL.';
    return [{ setting: 'ARCGIS_USERNAME', message }];
  }
  if (begun.length > 1) {
    const names = begun.map((pair) => pair[0]).join(', ');
    return [{ setting: String(begun[0]?.[0]), message: `More than one way to sign in is set (${names}). Keep one.` }];
  }
  return (begun[0] ?? [])
    .filter((name) => !secrets[name])
    .map((name) => ({ setting: name, message: `${name} is missing. Set it beside the other one of its pair.` }));
}

/** The account that restores. Throws RESTORE_ACCOUNT when it is not there, or only half of it. */
export function restoreCredentials({ RESTORE_USERNAME: username, RESTORE_PASSWORD: password }: Secrets): Credentials {
  if (username && password) return { kind: 'password', username: username.reveal(), password };
  const what = username
    ? 'RESTORE_PASSWORD is'
    : password
      ? 'RESTORE_USERNAME is'
      : 'RESTORE_USERNAME and RESTORE_PASSWORD are';
  throw new BackupError('RESTORE_ACCOUNT', `Nobody may restore: ${what} missing.`);
}
