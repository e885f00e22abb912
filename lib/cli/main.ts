#!/usr/bin/env -S node --max-semi-space-size=2
// A small young generation: V8 would else let garbage grow to half a gigabyte before it looks (docs/performance.md).
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { toFailure } from '../errors.ts';
import { doctor } from './doctor.ts';
import { readEnvironment, type CommonOptions } from './environment.ts';
import { maintain } from './maintain.ts';
import { printable, printJson } from './printable.ts';
import { repair } from './repair.ts';
import { run, type RunOptions } from './run.ts';
import { serve } from './serve.ts';
import { verify } from './verify.ts';

/** Exit status: 0 complete, 3 partial, 1 failed, 2 wrong usage or settings. */
const wrongUsage = 2;

const program = new Command('ago-backup')
  .description('Backs up an ArcGIS organization into a git repository.')
  .exitOverride()
  .showHelpAfterError('(--help shows what the command takes)');

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .exitOverride()
    .option('--store <address>', 'where the archive lies, in place of BACKUP_STORE')
    .option('--json', 'one JSON document on standard output, and nothing else there');
}

const collect = (value: string, all: string[]) => [...all, value];

command('run', 'One backup now.')
  .option('--user <name>', 'only this member; may be repeated', collect, [])
  .option('--item <id>', 'only this item; may be repeated', collect, [])
  .option('--force', 'fetch everything again')
  .option('--accept-prune', 'remove what is gone from the portal, however much it is')
  .option('--log', 'log lines on standard error in place of the progress')
  .action(async (options: RunOptions) => {
    process.exitCode = await run(readEnvironment(process.cwd(), options), options);
  });

command('serve', 'The backup on schedule, with its HTTP API on 127.0.0.1.')
  .addOption(new Option('--port <number>', 'where to listen; 0 = any free port').default(7071).argParser(readPort))
  .action(async (options: CommonOptions & { port: number }) => {
    process.exitCode = await serve(readEnvironment(process.cwd(), options), options);
  });

command('doctor', 'Checks settings, sign-in, privileges, store, key vault and ping, and says what to do.').action(
  async (options: CommonOptions) => {
    process.exitCode = await doctor(readEnvironment(process.cwd(), options), options);
  },
);

command('verify', 'Reads the archive and says what is damaged, and how to mend it.')
  .addOption(
    new Option('--read-data <percent>', 'how many Git LFS objects are read whole, another part each day')
      .default(100)
      .argParser(readPercent),
  )
  .action(async (options: CommonOptions & { readData: number }) => {
    process.exitCode = await verify(readEnvironment(process.cwd(), options), options);
  });

command('repair', 'Mends what can be mended of a damaged archive; items are fetched from the portal again.')
  .option('--dry-run', 'say what would be done, and do nothing')
  .action(async (options: CommonOptions & { dryRun?: boolean }) => {
    process.exitCode = await repair(readEnvironment(process.cwd(), options), options);
  });

command(
  'maintain',
  'Merges packs and deletes leftovers, as every run does after its commit; the plan is printed first.',
)
  .option('--dry-run', 'print the plan, and do nothing')
  .action(async (options: CommonOptions & { dryRun?: boolean }) => {
    process.exitCode = await maintain(readEnvironment(process.cwd(), options), options);
  });

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

function explain(error: unknown): number {
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
  const { code, message, hint } = toFailure(error);
  if (process.argv.includes('--json')) printJson({ error: { code, message, hint } });
  process.stderr.write(printable(`${code}: ${message}\n${hint}\n`));
  return code === 'SETTINGS_INVALID' || code === 'USAGE' ? wrongUsage : 1;
}
