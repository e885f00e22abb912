import type { z } from 'zod';
import { count, number, portal, schedule, store, text, vault } from './schemas.ts';

/** One setting: what it is when nothing is given, what it may be, and what to do when it is wrong. */
export interface Definition {
  fallback: string;
  /** for people: the line in docs/settings.md */
  meaning: string;
  schema: z.ZodType<string>;
  cure: string;
  /** the name of the secret in the key vault */
  vault?: string;
}

const secret = (vaultName: string, meaning: string) =>
  ({ fallback: '', meaning, schema: text, cure: '', vault: vaultName }) satisfies Definition;

const days = count(1, 36_500);

/** Every setting there is. docs/settings.md, infra and `ago-backup doctor` follow this table, and a test says so. */
export const definitions = {
  ARCGIS_PORTAL_URL: {
    fallback: 'https://www.arcgis.com',
    meaning: 'portal root; Enterprise: https://host/portal',
    schema: portal,
    cure: 'Set it to https://www.arcgis.com, https://YOUR-ORG.maps.arcgis.com or https://host/portal.',
  },
  ARCGIS_USERNAME: secret('arcgis-username', 'built-in account that backs up'),
  ARCGIS_PASSWORD: secret('arcgis-password', 'its password'),
  ARCGIS_CLIENT_ID: secret('arcgis-client-id', 'OAuth app instead of the account'),
  ARCGIS_CLIENT_SECRET: secret('arcgis-client-secret', "the app's secret"),
  ARCGIS_API_KEY: secret('arcgis-api-key', 'API key instead of the account'),
  KEY_VAULT_URL: {
    fallback: '',
    meaning: 'read the secrets above and the ping address there, by identity',
    schema: vault,
    cure: 'Set it to https://VAULT.vault.azure.net.',
  },
  HEALTHCHECKS_PING_URL: secret('healthchecks-ping-url', "the check's ping address; none = no ping"),
  HEALTHCHECKS_VERIFY_URL: secret(
    'healthchecks-verify-url',
    'the ping address of a check for the weekly verification; none = damage is told to the check of the backup',
  ),
  HEALTHCHECKS_DRILL_URL: secret(
    'healthchecks-drill-url',
    'the ping address of a check for the restore drill; none = a drill that fails is told to the check of the backup',
  ),
  ARCHIVE_READ_KEY: secret('archive-read-key', 'opens `git clone` over HTTP, for reading only; none = it is off'),
  ARCHIVE_OPERATOR_KEY: secret(
    'archive-operator-key',
    'the same for who may also start and end runs there; none = nobody may',
  ),
  ARCHIVE_LARGE_FILES: {
    fallback: 'direct',
    meaning:
      'where a clone over HTTP fetches large files: direct = from the storage account, by addresses that are valid for six hours; app = through the app, for an account that is reached from inside a network alone',
    schema: text.refine((value) => value === 'direct' || value === 'app', {
      error: (issue) => `is "${String(issue.input)}"`,
    }),
    cure: 'Set it to direct or app.',
  },
  ARCHIVE_ENTRA_TENANT: {
    fallback: '',
    meaning:
      'directory of Microsoft Entra whose people open the page by the app roles Reader and Operator; counts only where App Service Authentication is on; none = keys alone open it',
    schema: text.refine((value) => /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/i.test(value), {
      error: (issue) => `is "${String(issue.input)}"`,
    }),
    cure: 'Set it to the id of the directory (the parameter entra of infra/main.bicep does), or leave it out.',
  },
  HEALTHCHECKS_PARTIAL: {
    fallback: 'fail',
    meaning: 'what a partial run pings: fail or success',
    schema: text.refine((value) => value === 'fail' || value === 'success', {
      error: (issue) => `is "${String(issue.input)}"`,
    }),
    cure: 'Set it to fail or success.',
  },
  BACKUP_STORE: {
    fallback: 'file:./backup.git',
    meaning: 'file:PATH, or a container: https://ACCOUNT.blob.core.windows.net/CONTAINER',
    schema: store,
    cure: 'Set it to file:./backup.git or https://ACCOUNT.blob.core.windows.net/CONTAINER.',
  },
  BACKUP_SCRATCH: {
    fallback: '',
    meaning:
      'what must not lie in the archive, such as the note by which a run knows that there was one; beside an archive in a container also what a run needs meanwhile: file:PATH or a container; none = `ago-backup/scratch` beside a directory',
    schema: text.refine((value) => value === '' || store.safeParse(value).success, {
      error: 'is neither file:PATH nor the address of a container',
    }),
    cure: 'Set it to file:PATH or https://ACCOUNT.blob.core.windows.net/CONTAINER, or leave it out.',
  },
  BACKUP_SCHEDULE: {
    fallback: '0 0 2 * * *',
    meaning: 'NCRONTAB, UTC',
    schema: schedule,
    cure: 'Six fields: second minute hour day month weekday; 0 0 2 * * * is every night at two.',
  },
  VERIFY_SCHEDULE: {
    fallback: '0 0 12 * * 0',
    meaning: 'when the archive is verified: NCRONTAB, UTC',
    schema: schedule,
    cure: 'Six fields: second minute hour day month weekday; 0 0 12 * * 0 is every Sunday at noon.',
  },
  BACKUP_SKIP_TAGS: {
    fallback: 'ago_view',
    meaning: 'items with one of these tags are left out; comma-separated',
    schema: text,
    cure: '',
  },
  BACKUP_SKIP_TYPES: {
    fallback: 'Code Attachment',
    meaning: 'items of these types are left out; comma-separated',
    schema: text,
    cure: '',
  },
  BACKUP_SKIP_GROUPS: {
    fallback: "Don't back up",
    meaning: 'items shared with groups of these titles are left out; comma-separated',
    schema: text,
    cure: '',
  },
  BACKUP_USERS: {
    fallback: '*',
    meaning: 'members to back up; comma-separated, * allowed',
    schema: text,
    cure: '',
  },
  BACKUP_SKIP_USERS: {
    fallback: '',
    meaning: 'members to leave out; comma-separated, * allowed',
    schema: text,
    cure: '',
  },
  BACKUP_CONCURRENCY: {
    fallback: '8',
    meaning: 'lanes: members or items at a time over the whole run',
    schema: count(1, 64),
    cure: 'Set it to a number from 1 to 64.',
  },
  BACKUP_EXPORTS: {
    fallback: '16',
    meaning: 'exports that the portal prepares at a time, while the lanes save other items',
    schema: count(1, 64),
    cure: 'Set it to a number from 1 to 64.',
  },
  BACKUP_EXPORT_TIMEOUT: {
    fallback: '60',
    meaning: 'minutes for one export, fractions allowed',
    schema: number(0.01, 1440),
    cure: 'Set it to minutes, for example 60.',
  },
  BACKUP_LFS_THRESHOLD: {
    fallback: '1048576',
    meaning: 'bytes; larger parts become Git LFS objects',
    schema: count(1024, 104_857_600),
    cure: 'Set it to bytes, for example 1048576.',
  },
  BACKUP_PRUNE_LIMIT: {
    fallback: '0.2',
    meaning: 'share of the archive that one run may remove; ten items may always go',
    schema: number(0, 1),
    cure: 'Set it to a share, for example 0.2.',
  },
  BACKUP_RECHECK_DAYS: {
    fallback: '7',
    meaning:
      'days within which small parts of unchanged items are read again, and layers that tell no edit dates saved anew; 0 = never',
    schema: count(0, 365),
    cure: 'Set it to a number of days, or 0.',
  },
  BACKUP_WARN_ROWS_LOST: {
    fallback: '0.2',
    meaning: "share of a layer's rows whose loss in one night is a warning",
    schema: number(0, 1),
    cure: 'Set it to a share, for example 0.2.',
  },
  BACKUP_KEEP: {
    fallback: '',
    meaning:
      'days for which every commit is kept; of older ones the last of each month, after ten times as long the last of each year; none = everything for ever',
    schema: text.refine((value) => value === '' || days.safeParse(value).success, {
      error: (issue) => `is "${String(issue.input)}", not a whole number of days from 1 to 36500`,
    }),
    cure: 'Set it to a number of days, for example 730, or leave it out: then everything is kept for ever.',
  },
  RESTORE_USERNAME: secret('restore-username', 'built-in account that restores; no backup ever uses it'),
  RESTORE_PASSWORD: secret('restore-password', 'its password'),
  RESTORE_PORTAL_URL: {
    fallback: '',
    meaning:
      'portal to restore into, where that is another one: everything is made anew there; none = ARCGIS_PORTAL_URL',
    schema: text.refine((value) => value === '' || portal.safeParse(value).success, {
      error: (issue) => portal.safeParse(issue.input).error?.issues[0]?.message ?? 'is wrong',
    }),
    cure: 'Set it to https://YOUR-ORG.maps.arcgis.com or https://host/portal, or leave it out.',
  },
  RESTORE_RATE: {
    fallback: '2',
    meaning: 'writes a second of a restore; 0 = as fast as the portal answers',
    schema: number(0, 1000),
    cure: 'Set it to a number, for example 2.',
  },
  RESTORE_DRILL_SCHEDULE: {
    fallback: '',
    meaning:
      'when copies of some items are restored, compared and deleted for good, as a drill: NCRONTAB, UTC; none = no drill',
    schema: text.refine((value) => value === '' || schedule.safeParse(value).success, {
      error: (issue) => `is "${String(issue.input)}", not an NCRONTAB expression of six fields`,
    }),
    cure: 'Six fields: second minute hour day month weekday; 0 0 15 1 * * is the first of each month at three in the afternoon; or leave it out.',
  },
  RESTORE_DRILL_ITEMS: {
    fallback: '5',
    meaning: 'items of a drill',
    schema: count(1, 100),
    cure: 'Set it to a number from 1 to 100.',
  },
} as const satisfies Record<string, Definition>;

/** The name of a setting. */
export type SettingName = keyof typeof definitions;

/** Those settings whose values are secret. */
export type SecretName = {
  [Name in SettingName]: (typeof definitions)[Name] extends { vault: string } ? Name : never;
}[SettingName];

/** Plain values by name, as the process environment has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
