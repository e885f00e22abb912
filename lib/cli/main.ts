import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { BackupError, toFailure } from '../errors.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';
import type { RunOptions } from './run.ts';

/** Exit status: 0 complete, 3 partial, 1 failed, 2 wrong usage or settings. */
const wrongUsage = 2;

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

const collect = (value: string, all: string[]) => [...all, value];

command('run', 'One backup now.')
  .option('--user <name>', 'only this member; may be repeated', collect, [])
  .option('--item <id>', 'only this item; may be repeated', collect, [])
  .option('--force', 'fetch everything again')
  .option('--accept-prune', 'remove what is gone from the portal, however much it is')
  .option('--new-archive', 'begin a new archive although an earlier run left one there, which is gone')
  .option('--log', 'log lines on standard error in place of the progress')
  .action(does<RunOptions>(async () => (await import('./run.ts')).run));

command('serve', 'The backup on schedule, with its HTTP API on 127.0.0.1.')
  .addOption(new Option('--port <number>', 'where to listen; 0 = any free port').default(7071).argParser(readPort))
  .action(does<CommonOptions & { port: number }>(async () => (await import('./serve.ts')).serve));

command('doctor', 'Checks settings, sign-in, privileges, store, key vault and ping, and says what to do.').action(
  does<CommonOptions>(async () => (await import('./doctor.ts')).doctor),
);

command('verify', 'Reads the archive and says what is damaged, and how to mend it.')
  .addOption(
    new Option('--read-data <percent>', 'how many Git LFS objects are read whole, another part each day')
      .default(100)
      .argParser(readPercent),
  )
  .action(does<CommonOptions & { readData: number }>(async () => (await import('./verify.ts')).verify));

command('repair', 'Mends what can be mended of a damaged archive; items are fetched from the portal again.')
  .option('--dry-run', 'say what would be done, and do nothing')
  .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('./repair.ts')).repair));

command(
  'maintain',
  'Merges packs and deletes leftovers, as every run does after its commit; the plan is printed first.',
)
  .option('--dry-run', 'print the plan, and do nothing')
  .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('./maintain.ts')).maintain));

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8')) as {
    version: string;
  };
  return version;
}

// Of an empty variable in a script: without a word, the default archive would be meant.
function readStore(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty; leave the option out, or name file:PATH or a container.');
}

function readPercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (text !== '' && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('It is a number from 0 to 100.');
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

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
  const { code, message, hint } = toFailure(error instanceof CommanderError ? misused(error) : error);
  if (process.argv.includes('--json')) printJson({ error: { code, message, hint } });
  // Commander has printed its own message.
  if (error instanceof CommanderError) return wrongUsage;
  process.stderr.write(printable(`${code}: ${message}\n${hint}\n`));
  return code === 'SETTINGS_INVALID' || code === 'USAGE' ? wrongUsage : 1;
}

function misused({ code, message }: CommanderError): BackupError {
  const text = code === 'commander.help' ? 'No command is named.' : message.replace(/^error: /, '');
  return new BackupError('USAGE', text);
}
