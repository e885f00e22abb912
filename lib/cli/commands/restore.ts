import { Option, type Command } from 'commander';
import { askedModes } from '../../restore/words.ts';
import { collect, readList } from '../option-values.ts';
import type { RestoreOptions } from '../restore.ts';
import { commandsOf, doesWith } from './declare.ts';
import { atForms, itemForms } from './forms.ts';

/** What writes into the portal. */
export function declareRestore(program: Command): void {
  const command = commandsOf(program);
  command(
    'restore',
    'Puts items back into the portal as they were. Shows its plan first, saves what is there now, and can be taken back.',
  )
    .argument('[items...]', itemForms)
    .option('--at <at>', atForms, 'latest')
    .addOption(
      new Option(
        '--mode <mode>',
        'auto: in place what lives, out of the recycle bin what lies there, anew what is gone',
      )
        .default('auto')
        .choices(askedModes),
    )
    .addOption(new Option('--only <parts>', 'only some of each item: data,record,sharing,…').argParser(readList))
    .addOption(
      new Option(
        '--rows <which>',
        'of hosted layers: all, so that a layer is what it was; or without touching what was edited since, those that are missing, or also those that changed',
      ).choices(['all', 'missing', 'changed']),
    )
    .addOption(new Option('--fields <names>', 'with --rows changed: only these fields of them').argParser(readList))
    .option('--user <name>', 'all items of this member; may be repeated', collect, [])
    .option('--folder <title>', 'only in folders of this title; may be repeated', collect, [])
    .option('--group <group>', 'a group, with its members and what was shared with it; may be repeated', collect, [])
    .option('--all', 'all items')
    .option('--with-uses', 'also what these need and is gone')
    .option('--owner <name>', 'who takes what belongs to members who are gone')
    .option('--widen-sharing', 'open a living item again to whom it was closed since')
    .option('--repoint', 'living items that name what is made anew as it was called get its new names')
    .option('--dry-run', 'the plan, and nothing else')
    .option('--csv', 'with --dry-run: the plan as a table for a team')
    .option('--yes', 'do not ask')
    .option('--undo <restore>', 'take a restore back')
    .option('--resume <restore>', 'go on with a restore that was killed')
    .option('--list', 'the restores that there were')
    .action(doesWith<RestoreOptions, string[]>(async () => (await import('../restore.ts')).restore));
}
