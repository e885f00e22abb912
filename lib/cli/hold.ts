import { holdName } from '../archive/layout.ts';
import { putHold, readHold, releaseHold, type LegalHold } from '../archive/legal-hold.ts';
import { oneLine } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import type { Environment } from '../settings/table.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** Options of `hold`. */
export interface HoldOptions extends CommonOptions {
  reason?: string;
  release?: boolean;
}

/** Puts a legal hold on the archive, takes it away, or says whether there is one. Exit status 0. Throws USAGE. */
export async function hold(env: Environment, { json, reason, release }: HoldOptions): Promise<number> {
  if (reason !== undefined && release === true)
    throw new BackupError('USAGE', '--reason and --release do not go together.');
  const why = reason === undefined ? undefined : oneLine(reason);
  if (why === '')
    throw new BackupError('USAGE', 'The reason is empty.', { hint: 'Say with --reason why the archive is on hold.' });
  const store = archiveStore(env);
  if (release === true) await releaseHold(store);
  if (why !== undefined) await putHold(store, why);
  const now = await readHold(store);
  if (json === true) printJson({ hold: now === undefined ? null : holdJson(now) });
  process.stderr.write(printable(`${now === undefined ? 'There is no legal hold.' : holdText(now)}\n`));
  return 0;
}

/** A legal hold for programs. */
export function holdJson({ reason, since }: LegalHold): { reason: string; since: string } {
  return { reason, since: new Date(since).toISOString() };
}

function holdText({ reason, since }: LegalHold): string {
  const why = reason === '' ? '' : ` (${oneLine(reason)})`;
  return `Legal hold since ${new Date(since).toISOString().slice(0, 10)}${why}: nothing of the history goes, whatever BACKUP_KEEP says. It is the blob ${holdName}.`;
}
