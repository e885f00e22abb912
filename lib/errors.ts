/**
 * Every way ago-backup can fail: a code for machines, a sentence and a cure for people. docs/errors.md explains each code;
 * test/errors.test.ts holds the two together.
 */

/** What an administrator does about each code, unless the place that throws knows better. */
export const cures = {
  USAGE: 'Correct what is named; what can be asked for says `ago-backup --help`, or docs/http.md for HTTP.',
  SETTINGS_INVALID:
    'Correct the settings that are named; `ago-backup doctor`, or GET /api/doctor, says what is wrong still.',
  SECRET_MISSING: 'Put the secret into the key vault under the name given, or set it in the settings.',
  SECRET_REFUSED: 'Give the identity that ago-backup runs as the role Key Vault Secrets User on this vault.',
  VAULT_UNREACHABLE: 'Check KEY_VAULT_URL, that the vault exists and that its network lets ago-backup in.',
  AUTH_SIGN_IN:
    'Check ARCGIS_USERNAME and ARCGIS_PASSWORD (or the app or API key); the account must be built-in, without multifactor sign-in. Where people sign in with SAML, PKI or multifactor only, make a built-in account for the backup, or use an OAuth app (ARCGIS_CLIENT_ID) or an API key.',
  AUTH_ANONYMOUS: 'Check the credentials: the portal answered as if nobody had signed in.',
  AUTH_PRIVILEGE: 'Give the account the administrator role, or a custom role with the privileges that are named.',
  PORTAL_UNREACHABLE: 'Check ARCGIS_PORTAL_URL and that this machine reaches the portal.',
  PORTAL_DOWN:
    'Wait until the portal answers again, then start another run, or leave it to the next night. What was saved until then is in the archive.',
  PORTAL_BUSY: 'The portal limits requests; lower BACKUP_CONCURRENCY or move BACKUP_SCHEDULE to a quieter hour.',
  PORTAL_ANSWER:
    'Check ARCGIS_PORTAL_URL: it must be the root of the portal. If it is, the portal may be down for upkeep.',
  PORTAL_REFUSED: 'Give the account of the backup the right to see this, or leave it out with a setting.',
  PORTAL_ERROR: 'Open the item or member in the portal; if that fails as well, ask Esri support.',
  HOST_FOREIGN: 'Correct the address of the item in the portal; the backup never sends its token to another host.',
  LISTING_INCOMPLETE:
    'The listing changed while it was read; the next run tries again. What was listed is saved, and nothing was removed.',
  ITEM_GONE: 'The item disappeared or became unreadable between listing and download; the next run decides.',
  ITEM_DAMAGED: 'Open the item in the portal and check its file; the last good version stays in the archive.',
  ITEM_TRUNCATED: 'The download broke off; the next run tries again.',
  EXPORT_REFUSED: 'Check that the account may export the layer: the administrator role, or the owner turns export on.',
  EXPORT_FAILED: 'Export the layer by hand in the portal to see why; republishing it often helps.',
  EXPORT_TIMEOUT: 'Raise BACKUP_EXPORT_TIMEOUT, or export the layer by hand to see how long it takes.',
  EXPORT_NOT_DELETED:
    'Delete the temporary export that is named, permanently, in the portal; the next run tries as well.',
  STORE_NOT_REPOSITORY: 'Let BACKUP_STORE point to an empty place or to an archive that ago-backup made.',
  STORE_MISSING:
    'Check the name of the container; if it is right, create it, or give the identity that ago-backup runs as the right to (Storage Blob Data Contributor).',
  STORE_VANISHED:
    'Check BACKUP_STORE, and that nobody moved or deleted the archive: a disk must be mounted; in Azure a deleted container can be undeleted. Only if it is gone for good, begin a new one: `ago-backup run --new-archive`, or POST {"newArchive": true} to /api/backups.',
  STORE_REFUSED:
    'Give who runs ago-backup the right to read and write in BACKUP_STORE; on a container the role Storage Blob Data Contributor.',
  STORE_UNREACHABLE: 'Check BACKUP_STORE and that this machine reaches it.',
  STORE_FULL: 'Free space on the disk of BACKUP_STORE; the archive is intact and the next run carries on.',
  STORE_DAMAGED:
    'On a machine that reaches the archive, run `ago-backup verify`, then `ago-backup repair`; what stays, restore from a clone or, in Azure, from an earlier version of the blob.',
  BRANCH_MOVED: 'Another run published first; nothing is lost, the next run carries on.',
  ACCESS_DENIED: 'Sign in with the key of an operator; if you did, load the page again, and try once more.',
  RUN_ACTIVE: 'Wait for the run that is under way, or end it.',
  RUN_DEAD: 'Nothing to do: the next run takes over what was already fetched.',
  RUN_CANCELLED: 'Nothing to do: start another run when you want one.',
  COUNTS_MISMATCH:
    "The portal's count of a list is another than that of its entries: ask Esri support; what was listed is saved, and nothing is removed by it. Of a whole run: report this with the run record; nothing was published.",
  PRUNE_LIMIT:
    'Check that the removals are wanted, then run `ago-backup run --accept-prune`, or POST {"acceptPrune": true} to /api/backups.',
  PING_FAILED: 'Check HEALTHCHECKS_PING_URL; the backup itself is not affected.',
  ITEM_UNKNOWN:
    'See what there is and was with `ago-backup ls TEXT` and `ago-backup ls TEXT --deleted`, or GET /api/items?q=TEXT&state=all.',
  GROUP_UNKNOWN: 'Name the group by its id: organization/groups in the archive has every group that was saved.',
  ITEM_AMBIGUOUS: 'Name one of them by its id.',
  VERSION_UNKNOWN:
    'See which versions there are with `ago-backup log ITEM`, or GET /api/items/{item}/versions; `ago-backup log` lists the commits.',
  TARGET_TAKEN: 'Name a folder that is empty or a file that is not there yet, or add --overwrite.',
  TARGET_REFUSED: 'Check the path, and that this account may write there.',
  TARGET_FULL: 'Free space on that disk, or name a folder on another one; nothing is left there half-written.',
  TAKEOVER_REFUSED:
    'Name the working copy or a clone of the git repository that SEMCOG/Ago_Backup made; nothing was changed.',
  RESTORE_ACCOUNT:
    'Set RESTORE_USERNAME and RESTORE_PASSWORD, or put them into the key vault as restore-username and restore-password: a built-in account that may change what members own, another one than that of the backup.',
  RESTORE_PRIVILEGE:
    'Give the account that restores the administrator role, or a custom role with the privileges that are named. Nothing was changed.',
  RESTORE_FOREIGN:
    'Check ARCGIS_PORTAL_URL and BACKUP_STORE. To restore into another organization set RESTORE_PORTAL_URL to its address: everything is made anew there.',
  RESTORE_BLOCKED: 'Nothing was changed. The plan says of each item why, and what a person can do.',
  RESTORE_CLASS:
    'Take its files with `ago-backup get ITEM --to DIR`, or GET /api/items/{item}/versions/{commit}/zip, and put them back by hand.',
  RESTORE_DAMAGED:
    'Nothing is put back from what is damaged: name another version. `ago-backup verify` says what is damaged, `ago-backup repair` mends what can be mended.',
  RESTORE_OWNER: 'Name a member who takes it (`owner`), one whose role lets them make items.',
  RESTORE_REPOINT:
    'Mend what the message says and plan anew before the restore is started; or name the new one by hand, in the portal.',
  RESTORE_UNSURE:
    'Give the account that restores the privilege to see all items, and try again when the portal answers.',
  RESTORE_GONE: 'Ask for the mode auto, which makes anew what is gone.',
  RESTORE_SOURCE: 'Restore the source in the same go: name both, or take what it uses along.',
  RESTORE_STALE: 'Somebody is at work on it: talk to them, then plan anew.',
  RESTORE_UNSAVED:
    'Look at what is named: what is there now must be in the archive before it is replaced. Items that the settings leave out are saved when BACKUP_SKIP_TAGS, BACKUP_SKIP_TYPES and BACKUP_SKIP_GROUPS let them.',
  RESTORE_COPY:
    'Take its files with `ago-backup get ITEM` or GET /api/items/{itemId}/versions/{commit}/zip, publish the file geodatabase by hand and compare; or name another version.',
  RESTORE_HALF:
    'Resume the restore soon: until then the layer is closed to edits and lacks rows. What was there before is in the commit that is named.',
  RESTORE_IDS:
    'Ask for all rows (--rows all, or "rows": "all" over HTTP), which makes the layer what it was; or for the mode beside, and copy what is missing by hand.',
  RESTORE_ROWS:
    'The message says why. Leave out the rows (`only`), or take them as files with `ago-backup get ITEM` or GET /api/items/{itemId}/versions/{commit}/zip.',
  RESTORE_REFUSED: 'Look at the item in the portal, then resume the restore: it goes on with what is left.',
  RESTORE_CREDITS:
    'Buy credits for the organization, or raise the budget of the account that restores; then resume the restore: it goes on with what is left.',
  RESTORE_NAME:
    'Rename or move the file of that name in the portal, or delete it for good; then resume the restore: it goes on with what is left.',
  RESTORE_READ_ONLY:
    'Let an administrator of the portal end its read-only mode, then plan anew; a restore that was under way goes on when it is resumed.',
  RESTORE_STOPPED: 'Start it again to go on with what is left, or take back what it did.',
  RESTORE_UNKNOWN: 'Look into the list of restores.',
  WARNING_UNKNOWN: 'Look among the warnings of the latest hundred runs, which are those that are told.',
  RESTORE_NOTHING: 'Nothing to do.',
  INTERNAL: 'Report this with the run record and the log lines of the run.',
} as const satisfies Record<string, string>;

/** The code of an error; stable, for machines. */
export type ErrorCode = keyof typeof cures;

/** What survives a queue, a blob or a log line of an error: plain facts, never a request, an option or an address with a query. */
export interface Failure {
  code: ErrorCode;
  message: string;
  hint: string;
  /** what an ambiguous name may mean */
  candidates?: readonly Candidate[];
}

/** One of the items that a name fits. */
export interface Candidate {
  itemId: string;
  title: string;
  owner: string;
  type: string;
  path: string;
  /** when it went (ISO 8601), and with which commit; null while it is there */
  removed: { commit: string; time: string } | null;
}

/** What is known of an error besides code and message. */
export interface ErrorFacts {
  hint?: string;
  retryable?: boolean;
  tried?: boolean;
  cause?: unknown;
  candidates?: readonly Candidate[];
}

/** The one error that leaves our own code. `message` must be a sentence that a GIS administrator understands, without secrets. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** The same call may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Who makes such calls has tried again already, as often as it is worth: nobody above does. */
  tried: boolean;
  /** What an ambiguous name may mean. */
  readonly candidates: readonly Candidate[] | undefined;

  constructor(code: ErrorCode, message: string, more: ErrorFacts = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint ?? cures[code];
    this.retryable = more.retryable ?? false;
    this.tried = more.tried ?? false;
    this.candidates = more.candidates;
  }

  toJSON(): Failure {
    const { code, message, hint, candidates } = this;
    return { code, message, hint, ...(candidates && { candidates }) };
  }
}

/** Is it worth to make the call again that failed so? Once somebody below has tried often enough, it is not. */
export function isWorthAnother(error: unknown): error is BackupError {
  return error instanceof BackupError && error.retryable && !error.tried;
}

/**
 * Does the failure end the run, because it would be that of every other member and item as well: the store, the sign-in, the
 * secrets, a portal that is down, a run or a restore that was ended? Everything else costs what it befell.
 */
export function endsRun({ code }: { code: string }): boolean {
  return endings.has(code) || /^(?:STORE|AUTH|SECRET|VAULT|RUN)_/.test(code);
}

const endings = new Set([
  'PORTAL_DOWN',
  'RESTORE_STOPPED',
  'RESTORE_ACCOUNT',
  'RESTORE_PRIVILEGE',
  'RESTORE_READ_ONLY',
] satisfies ErrorCode[] as string[]);

/** Is it our error, with this code? */
export function isCode(error: unknown, ...codes: ErrorCode[]): error is BackupError {
  return error instanceof BackupError && codes.includes(error.code);
}

// An activity's error reaches the orchestrator as its message only (azure-functions.md, rule 20), so the code travels in it.
const inMessage = /\[([A-Z]+(?:_[A-Z]+)*)\] ([^\n]*)/;
/** Between a message and a cure of its own. */
const toDo = ' [TO DO] ';

/**
 * `[CODE] message` on one line, because Durable adds lines of its own: how an error crosses a Durable queue; where the cure is not that
 * of the code, with ` [TO DO] cure`.
 */
export function toMessage(error: unknown): string {
  const { code, message, hint } = toFailure(error);
  const said = message.replace(/\s*\n\s*/g, ' ').replaceAll(toDo, ' ');
  return `[${code}] ${said}${hint === cures[code] ? '' : `${toDo}${hint.replace(/\s*\n\s*/g, ' ')}`}`;
}

/** The failure in any error, also in one that crossed a Durable queue as text. Unknown errors become INTERNAL. */
export function toFailure(error: unknown): Failure {
  const { message, ...others } = failureIn(error);
  return { ...others, message: message.length > mostCharacters ? `${message.slice(0, mostCharacters)}…` : message };
}

/** A message may quote the portal, and travels through Durable, which takes 45 kB. */
const mostCharacters = 5000;

function failureIn(error: unknown): Failure {
  if (error instanceof BackupError) return error.toJSON();
  const text = error instanceof Error ? error.message : String(error);
  const found = inMessage.exec(text);
  const code = found?.[1];
  if (code !== undefined && code in cures) {
    const [message = '', hint = cures[code as ErrorCode]] = (found?.[2] ?? '').split(toDo);
    return { code: code as ErrorCode, message: message.trimEnd(), hint: hint.trimEnd() };
  }
  return { code: 'INTERNAL', message: text.split('\n', 1)[0] ?? '', hint: cures.INTERNAL };
}
