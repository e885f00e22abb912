import { Option, type Command } from 'commander';
import type { CommonOptions } from '../environment.ts';
import { collect, readPort } from '../option-values.ts';
import type { RunOptions } from '../run.ts';
import type { ServeOptions } from '../serve.ts';
import { commandsOf, does } from './declare.ts';

/** What backs up, and what shows whether it can. */
export function declareRuns(program: Command): void {
  const command = commandsOf(program);
  command('run', 'One backup now.')
    .option('--user <name>', 'only this member; may be repeated', collect, [])
    .option('--item <id>', 'only this item; may be repeated', collect, [])
    .option('--force', 'fetch everything again')
    .option('--accept-prune', 'remove what is gone from the portal, however much it is')
    .option('--new-archive', 'begin a new archive although an earlier run left one there, which is gone')
    .option('--dry-run', 'say what would be done, and why; fetch and change nothing')
    .option('--log', 'log lines on standard error in place of the progress')
    .action(does<RunOptions>(async () => (await import('../run.ts')).run));

  command('serve', 'The backup on schedule, with its HTTP API on 127.0.0.1.')
    .addOption(new Option('--port <number>', 'where to listen; 0 = any free port').default(7071).argParser(readPort))
    .option('--key', 'ask for ARCHIVE_READ_KEY or ARCHIVE_OPERATOR_KEY here too, for page, clone and API')
    .action(does<ServeOptions>(async () => (await import('../serve.ts')).serve));

  command('doctor', 'Checks settings, sign-in, privileges, store, key vault and ping, and says what to do.').action(
    does<CommonOptions>(async () => (await import('../doctor.ts')).doctor),
  );
}
