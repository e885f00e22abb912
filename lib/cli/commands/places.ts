import type { Command } from 'commander';
import type { CopyOptions } from '../copy.ts';
import type { TakeOverOptions } from '../take-over.ts';
import { commandsOf, doesWith, json } from './declare.ts';

/** What brings an archive from one place to another. */
export function declarePlaces(program: Command): void {
  const command = commandsOf(program);
  command(
    'take-over',
    'Takes over an archive of SEMCOG/Ago_Backup: its history, and every file that is still what the portal has.',
  )
    .argument('<path>', 'the working copy or a clone of what the old script made; nothing of it is changed')
    .option('--dry-run', 'say item by item what would be done, and do nothing')
    .action(doesWith<TakeOverOptions, string>(async () => (await import('../take-over.ts')).takeOver));

  program
    .command('copy')
    .description(
      'Copies an archive to another place, or brings a copy up to date: only what is missing, and every byte proved.',
    )
    .argument('<from>', 'the archive: a path, file:PATH, or the address of a container')
    .argument('<to>', 'an empty place, or an earlier copy of it')
    .option('--dry-run', 'say what would be copied, and do nothing')
    .option(...json)
    .action((from: string, to: string, options: CopyOptions) =>
      doesWith<CopyOptions, readonly [string, string]>(async () => (await import('../copy.ts')).copy)(
        [from, to],
        options,
      ),
    );
}
