import { CommanderError } from 'commander';
import { oneLine } from '../backup/words.ts';
import { BackupError, toFailure } from '../errors.ts';
import { printable, printJson } from './printable.ts';

/** Codes that a corrected command line cures. */
const misuses = new Set([
  'SETTINGS_INVALID',
  'USAGE',
  'ITEM_AMBIGUOUS',
  'TARGET_TAKEN',
  'RESTORE_ACCOUNT',
  'RESTORE_FOREIGN',
]);
const wrongUsage = 2;

/** Says why a command failed, for people and, with --json, for programs. Exit status: 1 failed, 2 wrong usage or settings; 0 when it only told its help. */
export function explain(error: unknown): number {
  // Help and version end with 0.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure = toFailure(error instanceof CommanderError ? misused(error) : error);
  const { code, message, hint, candidates = [] } = failure;
  if (process.argv.includes('--json')) printJson({ error: failure });
  // Commander has printed its own message.
  if (error instanceof CommanderError) return wrongUsage;
  const lines = candidates.map(({ itemId, title, owner, type, removed }) => {
    const gone = removed === null ? '' : `, removed ${removed.time.slice(0, 10)}`;
    return `  ${itemId}  ${oneLine(title)} (${oneLine(type)}, ${oneLine(owner)}${gone})\n`;
  });
  process.stderr.write(printable(`${code}: ${message}\n${lines.join('')}${hint}\n`));
  return misuses.has(code) ? wrongUsage : 1;
}

function misused({ code, message }: CommanderError): BackupError {
  const text = code === 'commander.help' ? 'No command is named.' : message.replace(/^error: /, '');
  return new BackupError('USAGE', text);
}
