import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { declareHistory } from './commands/history.ts';
import { declarePlaces } from './commands/places.ts';
import { declareRestore } from './commands/restore.ts';
import { declareRuns } from './commands/runs.ts';
import { declareUpkeep } from './commands/upkeep.ts';
import { explain } from './explain.ts';

const program = new Command('ago-backup')
  .description('Backs up an ArcGIS organization into a git repository.')
  .version(readVersion(), '--version', 'print the version')
  .exitOverride()
  .showHelpAfterError('(--help shows what the command takes)');

// In this order the help names them.
for (const declare of [declareRuns, declareUpkeep, declarePlaces, declareHistory, declareRestore]) declare(program);

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
