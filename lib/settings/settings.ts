import { Secret } from '../secret.ts';
import { checkCredentials, type Secrets } from './credentials.ts';
import { given, hasAuthentication, isInAzure } from './environment.ts';
import { invalid, type Problem } from './problem.ts';
import { scratchOf } from './scratch.ts';
import { definitions, type Environment, type SecretName, type SettingName } from './table.ts';
import { unknownSettings } from './unknown.ts';

/** Every setting, checked and typed; see the table in docs/settings.md. */
export interface Settings {
  portalUrl: string;
  /** What the environment holds of the secrets; the key vault may hold the rest. */
  secrets: Secrets;
  vaultUrl: string | undefined;
  partialPings: 'fail' | 'success';
  /** clients of git fetch large files from the store itself, where it lends addresses */
  isDirect: boolean;
  /** directory whose people App Service Authentication lets in; undefined where that is not on, so that nothing it might have said counts */
  entraTenant: string | undefined;
  store: string;
  /** where a run notes what the next one must know without the archive: addresses as of a store, each of which is enough */
  scratch: readonly string[];
  /** NCRONTAB, UTC */
  schedule: string;
  /** NCRONTAB, UTC */
  verifySchedule: string;
  skipTags: readonly string[];
  skipTypes: readonly string[];
  skipGroups: readonly string[];
  /** patterns with `*`; empty = all */
  users: readonly string[];
  skipUsers: readonly string[];
  concurrency: number;
  /** exports in preparation at a time */
  exports: number;
  /** of the Functions app; undefined outside of Azure */
  appName: string | undefined;
  /** the name under which others reach the app, which Azure sets; undefined on a laptop */
  hostName: string | undefined;
  /** ms */
  exportTimeout: number;
  /** bytes */
  lfsThreshold: number;
  /** share of the archive, 0..1 */
  pruneLimit: number;
  /** days; 0 = never */
  recheckDays: number;
  /** share of a layer's rows whose loss is a warning */
  warnRowsLost: number;
  /** days for which every commit is kept; undefined = for ever */
  keepDays: number | undefined;
  /** root of the portal to restore into; undefined = that of the backup */
  restorePortalUrl: string | undefined;
  /** writes a second of a restore; 0 = no limit */
  restoreRate: number;
  /** NCRONTAB, UTC; empty = no drill */
  drillSchedule: string;
  /** items of a restore drill */
  drillItems: number;
  /** names that look like a setting and are none, a sentence each; every run reports them */
  unknown: readonly string[];
}

/**
 * Reads and checks every setting. Throws SETTINGS_INVALID once, with all problems in one message.
 * @param env the process environment, or what a test puts in its place
 */
export function readSettings(env: Environment): Settings {
  const { settings, problems, unknown } = checkSettings(env);
  if (settings === undefined) throw invalid(problems, unknown);
  return settings;
}

/** Does nothing say how to sign in to the portal? Then an archive can still be looked at. */
export function hasNoAccount(env: Environment): boolean {
  const ways = ['ARCGIS_USERNAME', 'ARCGIS_PASSWORD', 'ARCGIS_CLIENT_ID', 'ARCGIS_CLIENT_SECRET', 'ARCGIS_API_KEY'];
  return [...ways, 'KEY_VAULT_URL'].every((name) => given(env, name) === undefined);
}

/** What there is to say of an environment. */
export interface Checked {
  /** undefined when there are problems */
  settings: Settings | undefined;
  problems: Problem[];
  /** names that look like a setting and are none, a sentence each */
  unknown: string[];
}

/** As `readSettings`, with the problems as a value: for `ago-backup doctor`. */
export function checkSettings(env: Environment): Checked {
  const problems: Problem[] = [];
  const read = <T>(name: SettingName, parse: (text: string) => T): T | undefined => {
    const { fallback, schema, cure } = definitions[name];
    const found = schema.safeParse(given(env, name) ?? fallback);
    if (found.success) return parse(found.data);
    problems.push({ setting: name, message: `${name} ${found.error.issues[0]?.message ?? 'is wrong'}. ${cure}` });
    return undefined;
  };
  const settings = {
    portalUrl: read('ARCGIS_PORTAL_URL', portalRoot),
    secrets: readSecrets(env),
    vaultUrl: read('KEY_VAULT_URL', (text) => (text === '' ? undefined : text)),
    partialPings: read('HEALTHCHECKS_PARTIAL', (text) => text as 'fail' | 'success'),
    isDirect: read('ARCHIVE_LARGE_FILES', (text) => text === 'direct'),
    entraTenant: read('ARCHIVE_ENTRA_TENANT', (text) => (text !== '' && hasAuthentication(env) ? text : undefined)),
    store: read('BACKUP_STORE', String),
    scratch: scratchOf(
      env,
      read('BACKUP_SCRATCH', String),
      given(env, 'BACKUP_STORE') ?? definitions.BACKUP_STORE.fallback,
    ),
    schedule: read('BACKUP_SCHEDULE', String),
    verifySchedule: read('VERIFY_SCHEDULE', String),
    skipTags: read('BACKUP_SKIP_TAGS', list),
    skipTypes: read('BACKUP_SKIP_TYPES', list),
    skipGroups: read('BACKUP_SKIP_GROUPS', list),
    users: read('BACKUP_USERS', list),
    skipUsers: read('BACKUP_SKIP_USERS', list),
    concurrency: read('BACKUP_CONCURRENCY', Number),
    exports: read('BACKUP_EXPORTS', Number),
    exportTimeout: read('BACKUP_EXPORT_TIMEOUT', (text) => Number(text) * 60_000),
    lfsThreshold: read('BACKUP_LFS_THRESHOLD', Number),
    pruneLimit: read('BACKUP_PRUNE_LIMIT', Number),
    recheckDays: read('BACKUP_RECHECK_DAYS', Number),
    warnRowsLost: read('BACKUP_WARN_ROWS_LOST', Number),
    keepDays: read('BACKUP_KEEP', daysOrEver),
    restorePortalUrl: read('RESTORE_PORTAL_URL', (text) => (text === '' ? undefined : portalRoot(text))),
    restoreRate: read('RESTORE_RATE', Number),
    drillSchedule: read('RESTORE_DRILL_SCHEDULE', String),
    drillItems: read('RESTORE_DRILL_ITEMS', Number),
    appName: given(env, 'WEBSITE_SITE_NAME'),
    hostName: given(env, 'WEBSITE_HOSTNAME'),
    unknown: unknownSettings(env),
  };
  problems.push(...checkPing(settings.secrets), ...checkStore(env, 'BACKUP_STORE', settings.store));
  problems.push(...checkStore(env, 'BACKUP_SCRATCH', given(env, 'BACKUP_SCRATCH')));
  if (given(env, 'KEY_VAULT_URL') === undefined) problems.push(...checkCredentials(settings.secrets));
  const { unknown } = settings;
  return { settings: problems.length === 0 ? (settings as Settings) : undefined, problems, unknown };
}

/** BACKUP_STORE alone, for commands that need no portal. Throws SETTINGS_INVALID. */
export function checkStoreSetting(env: Environment): string {
  return checkSetting(env, 'BACKUP_STORE');
}

/** BACKUP_KEEP alone, in days; undefined = for ever. Throws SETTINGS_INVALID. */
export function checkKeepSetting(env: Environment): number | undefined {
  return daysOrEver(checkSetting(env, 'BACKUP_KEEP'));
}

function checkSetting(env: Environment, name: 'BACKUP_STORE' | 'BACKUP_KEEP'): string {
  const { fallback, schema, cure } = definitions[name];
  const found = schema.safeParse(given(env, name) ?? fallback);
  if (found.success) return found.data;
  const message = `${name} ${found.error.issues[0]?.message ?? 'is wrong'}. ${cure}`;
  throw invalid([{ setting: name, message }], unknownSettings(env));
}

function daysOrEver(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}

/** The settings that are schedules. */
export type ScheduleName = 'BACKUP_SCHEDULE' | 'VERIFY_SCHEDULE' | 'RESTORE_DRILL_SCHEDULE';

/** A schedule alone, for a timer's registration: a wrong setting elsewhere must not keep the functions from loading. */
export function readSchedule(env: Environment, name: ScheduleName): string {
  return given(env, name) ?? definitions[name].fallback;
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/** The library of Azure's identities reads the process's environment alone: what a file of a laptop says of them is put there. */
export function lendIdentity(env: Environment): void {
  for (const [name, value] of Object.entries(env))
    if (name.startsWith('AZURE_') && value !== undefined) process.env[name] ??= value;
}

const secretNames = Object.keys(definitions).filter(
  (name) => 'vault' in definitions[name as SettingName],
) as SecretName[];

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** People paste the address they see: `/home`, `/sharing/rest` and a last slash go. */
function portalRoot(text: string): string {
  return text.replace(/\/+$/, '').replace(/\/(home(\/.*)?|sharing(\/rest)?)$/, '');
}

function readSecrets(env: Environment): Secrets {
  const found = secretNames.flatMap((name) => {
    const value = given(env, name);
    return value === undefined ? [] : [[name, new Secret(value)] as const];
  });
  return Object.fromEntries(found);
}

function checkPing(secrets: Secrets): Problem[] {
  return (['HEALTHCHECKS_PING_URL', 'HEALTHCHECKS_VERIFY_URL', 'HEALTHCHECKS_DRILL_URL'] as const).flatMap(
    (setting) => {
      const url = secrets[setting];
      if (url === undefined || (/^https?:\/\//.test(url.reveal()) && URL.canParse(url.reveal()))) return [];
      const message = `${setting} is not an address. Copy the ping address of the check from Healthchecks.io.`;
      return [{ setting, message }];
    },
  );
}

// A Functions instance loses its disk when it goes; an archive there would be lost without a sound.
function checkStore(env: Environment, setting: SettingName, store: string | undefined): Problem[] {
  if (!isInAzure(env) || store === undefined || !store.startsWith('file:')) return [];
  const message = `${setting} is a directory, and inside Azure its disk is lost with the instance. Set the address of a container: https://ACCOUNT.blob.core.windows.net/CONTAINER.`;
  return [{ setting, message }];
}
