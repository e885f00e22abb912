import { Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { oneLine } from '../backup/report.ts';
import { BackupError, toFailure } from '../errors.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { collect, readLimit, readList, readPercent, readPort, readStore } from './option-values.ts';
import { printable, printJson } from './printable.ts';
import type { CopyOptions } from './copy.ts';
import type { AcceptOptions } from './accept.ts';
import type { DiffOptions } from './diff.ts';
import type { GetOptions } from './get.ts';
import type { HoldOptions } from './hold.ts';
import type { LogOptions } from './log.ts';
import type { LsOptions } from './ls.ts';
import type { RestoreOptions } from './restore.ts';
import type { RunOptions } from './run.ts';
import type { ServeOptions } from './serve.ts';
import type { VerifyOptions } from './verify.ts';
import type { TakeOverOptions } from './take-over.ts';

/** Codes that a corrected command line cures. */
const misuses = new Set([
  'SETTINGS_INVALID',
  'USAGE',
  'ITEM_AMBIGUOUS',
  'TARGET_TAKEN',
  'RESTORE_ACCOUNT',
  'RESTORE_FOREIGN',
]);
/** Exit status: 0 complete, 3 partial, 1 failed, 2 wrong usage or settings. */
const wrongUsage = 2;

const itemForms = 'an id, the beginning of one, an address of the portal, a path of the archive, or a title';
const timeForms = 'a day (UTC), a moment with its zone, or a span such as 3d';
const atForms = 'when: a commit, a day (its end, UTC), a moment with its zone, a span such as 3d, latest, or previous';

const program = new Command('ago-backup')
  .description('Backs up an ArcGIS organization into a git repository.')
  .version(readVersion(), '--version', 'print the version')
  .exitOverride()
  .showHelpAfterError('(--help shows what the command takes)');

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .exitOverride()
    .addOption(new Option('--store <address>', 'where the archive lies, in place of BACKUP_STORE').argParser(readStore))
    .option('--json', 'one JSON document on standard output, and nothing else there');
}

/**
 * Runs a command. It is loaded only now, with all that it needs, so that --help and --version answer at once.
 * @param load imports the command
 */
function does<O extends CommonOptions>(load: () => Promise<(env: Environment, options: O) => Promise<number>>) {
  return async (options: O) => {
    const { readEnvironment } = await import('./environment.ts');
    const act = await load();
    process.exitCode = await act(readEnvironment(process.cwd(), options), options);
  };
}

/** The same for a command that is told what to look at. */
function doesWith<O extends CommonOptions, A>(
  load: () => Promise<(env: Environment, options: O, argument: A) => Promise<number>>,
) {
  return (argument: A, options: O) =>
    does<O>(async () => {
      const act = await load();
      return (env, given) => act(env, given, argument);
    })(options);
}

command('run', 'One backup now.')
  .option('--user <name>', 'only this member; may be repeated', collect, [])
  .option('--item <id>', 'only this item; may be repeated', collect, [])
  .option('--force', 'fetch everything again')
  .option('--accept-prune', 'remove what is gone from the portal, however much it is')
  .option('--new-archive', 'begin a new archive although an earlier run left one there, which is gone')
  .option('--dry-run', 'say what would be done, and why; fetch and change nothing')
  .option('--log', 'log lines on standard error in place of the progress')
  .action(does<RunOptions>(async () => (await import('./run.ts')).run));

command('serve', 'The backup on schedule, with its HTTP API on 127.0.0.1.')
  .addOption(new Option('--port <number>', 'where to listen; 0 = any free port').default(7071).argParser(readPort))
  .option('--key', 'ask for ARCHIVE_READ_KEY or ARCHIVE_OPERATOR_KEY here too, for page, clone and API')
  .action(does<ServeOptions>(async () => (await import('./serve.ts')).serve));

command('doctor', 'Checks settings, sign-in, privileges, store, key vault and ping, and says what to do.').action(
  does<CommonOptions>(async () => (await import('./doctor.ts')).doctor),
);

command('verify', 'Reads the archive and says what is damaged, and how to mend it.')
  .addOption(
    new Option('--read-data <percent>', 'how many Git LFS objects are read whole, another part each day')
      .default(100)
      .argParser(readPercent),
  )
  .option('--anew', 'begin anew, although an earlier verification was stopped before its end')
  .action(does<VerifyOptions>(async () => (await import('./verify.ts')).verify));

command('repair', 'Mends what can be mended of a damaged archive; items are fetched from the portal again.')
  .option('--dry-run', 'say what would be done, and do nothing')
  .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('./repair.ts')).repair));

command(
  'accept',
  'Takes a known gap or loss as it is: it stays in every report, and neither runs nor verifications count it any more.',
)
  .usage('[options] CODE ITEM-OR-OBJECT... | --list | --revoke ITEM-OR-OBJECT')
  .argument(
    '[words...]',
    'the code of a gap and ids of items that have it, as a run names them; or STORE_DAMAGED and ids of what is lost, as verify names it',
  )
  .option('--reason <text>', 'why')
  .option('--list', 'say what is accepted')
  .option('--revoke <id>', 'take it back; may be repeated', collect, [])
  .action(doesWith<AcceptOptions, string[]>(async () => (await import('./accept.ts')).accept));

command(
  'maintain',
  'Merges packs and deletes leftovers, as every run does after its commit; the plan is printed first.',
)
  .option('--dry-run', 'print the plan, and do nothing')
  .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('./maintain.ts')).maintain));

command('hold', 'A legal hold: nothing of the history goes, whatever BACKUP_KEEP says. Without options: is there one?')
  .option('--reason <text>', 'put the archive on hold, and say why')
  .option('--release', 'take the hold away')
  .action(does<HoldOptions>(async () => (await import('./hold.ts')).hold));

command(
  'take-over',
  'Takes over an archive of SEMCOG/Ago_Backup: its history, and every file that is still what the portal has.',
)
  .argument('<path>', 'the working copy or a clone of what the old script made; nothing of it is changed')
  .option('--dry-run', 'say item by item what would be done, and do nothing')
  .action(doesWith<TakeOverOptions, string>(async () => (await import('./take-over.ts')).takeOver));

program
  .command('copy')
  .description(
    'Copies an archive to another place, or brings a copy up to date: only what is missing, and every byte proved.',
  )
  .exitOverride()
  .argument('<from>', 'the archive: a path, file:PATH, or the address of a container')
  .argument('<to>', 'an empty place, or an earlier copy of it')
  .option('--dry-run', 'say what would be copied, and do nothing')
  .option('--json', 'one JSON document on standard output, and nothing else there')
  .action((from: string, to: string, options: CopyOptions) =>
    doesWith<CopyOptions, readonly [string, string]>(async () => (await import('./copy.ts')).copy)([from, to], options),
  );

command('log', 'The versions of an item that ever was, newest first; without an item the commits.')
  .argument('[item]', itemForms)
  .option('--since <time>', timeForms)
  .option('--until <time>', timeForms)
  .option('--user <name>', 'only of this member; may be repeated', collect, [])
  .option('--type <type>', 'only items of this type; may be repeated', collect, [])
  .addOption(new Option('--limit <number>', 'how many at most').default(50).argParser(readLimit))
  .action(doesWith<LogOptions, string | undefined>(async () => (await import('./log.ts')).log));

command('ls', 'The items as they stood.')
  .argument('[text]', 'a part of the title, or the beginning of an id')
  .option('--at <at>', atForms, 'latest')
  .option('--user <name>', 'only of this member; may be repeated', collect, [])
  .option('--folder <title>', 'only in folders of this title; may be repeated', collect, [])
  .option('--type <type>', 'only items of this type; may be repeated', collect, [])
  .option('--deleted', 'those that are no more')
  .option('--changed-since <time>', timeForms)
  .addOption(
    new Option('--sort <order>', 'what the order goes by')
      .default('path')
      .choices(['path', 'title', 'owner', 'type', 'size', 'changed']),
  )
  .addOption(new Option('--limit <number>', 'how many at most').default(100).argParser(readLimit))
  .action(doesWith<LsOptions, string | undefined>(async () => (await import('./ls.ts')).ls));

command('show', 'An item as it was: record, parts, layers, sharing, what it uses and what uses it.')
  .argument('<item>', itemForms)
  .option('--at <at>', atForms, 'latest')
  .action(doesWith<CommonOptions & { at: string }, string>(async () => (await import('./show.ts')).show));

command('diff', 'What is different between two versions of an item, or which items are between two times.')
  .usage('[options] ITEM [FROM [TO]] | FROM TO')
  .argument('<words...>', `ITEM: ${itemForms}; FROM and TO: ${atForms}`)
  .option('--patch', "git's own diff")
  .action(doesWith<DiffOptions, string[]>(async () => (await import('./diff.ts')).diff));

command('get', 'Takes items out as files, as the portal had them.')
  .argument('[items...]', itemForms)
  .option('--at <at>', atForms, 'latest')
  .option('--to <folder>', 'where they go')
  .option('--zip <file>', 'into a zip instead; - is standard output')
  .option('--user <name>', 'all items of this member; may be repeated', collect, [])
  .option('--all', 'all items')
  .option('--overwrite', 'replace what is there')
  .action(doesWith<GetOptions, string[]>(async () => (await import('./get.ts')).get));

command(
  'restore',
  'Puts items back into the portal as they were. Shows its plan first, saves what is there now, and can be taken back.',
)
  .argument('[items...]', itemForms)
  .option('--at <at>', atForms, 'latest')
  .addOption(
    new Option('--mode <mode>', 'auto: in place what lives, out of the recycle bin what lies there, anew what is gone')
      .default('auto')
      .choices(['auto', 'in-place', 'beside', 'new']),
  )
  .addOption(new Option('--only <parts>', 'only some of each item: data,record,sharing,…').argParser(readList))
  .option('--user <name>', 'all items of this member; may be repeated', collect, [])
  .option('--folder <title>', 'only in folders of this title; may be repeated', collect, [])
  .option('--all', 'all items')
  .option('--owner <name>', 'who takes what belongs to members who are gone')
  .option('--widen-sharing', 'open a living item again to whom it was closed since')
  .option('--dry-run', 'the plan, and nothing else')
  .option('--csv', 'with --dry-run: the plan as a table for a team')
  .option('--yes', 'do not ask')
  .option('--undo <restore>', 'take a restore back')
  .option('--resume <restore>', 'go on with a restore that was killed')
  .option('--list', 'the restores that there were')
  .action(doesWith<RestoreOptions, string[]>(async () => (await import('./restore.ts')).restore));

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8')) as {
    version: string;
  };
  return version;
}

// Who reads has seen enough, as in `ago-backup ls | head`: end as a program does that SIGPIPE ends.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
// What is still open was given its time by whoever opened it: a portal that never answers must not keep the process. By
// then standard output has been taken, however slowly.
process.stdout.write('', () => void setTimeout(() => process.exit(), 500).unref());

function explain(error: unknown): number {
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
