import { Option, type Command } from 'commander';
import type { AcceptOptions } from '../accept.ts';
import type { CommonOptions } from '../environment.ts';
import type { HoldOptions } from '../hold.ts';
import { collect, readPercent } from '../option-values.ts';
import type { VerifyOptions } from '../verify.ts';
import { commandsOf, does, doesWith } from './declare.ts';

/** What keeps an archive up. */
export function declareUpkeep(program: Command): void {
  const command = commandsOf(program);
  command('verify', 'Reads the archive and says what is damaged, and how to mend it.')
    .addOption(
      new Option('--read-data <percent>', 'how many Git LFS objects are read whole, another part each day')
        .default(100)
        .argParser(readPercent),
    )
    .option('--anew', 'begin anew, although an earlier verification was stopped before its end')
    .action(does<VerifyOptions>(async () => (await import('../verify.ts')).verify));

  command('repair', 'Mends what can be mended of a damaged archive; items are fetched from the portal again.')
    .option('--dry-run', 'say what would be done, and do nothing')
    .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('../repair.ts')).repair));

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
    .action(doesWith<AcceptOptions, string[]>(async () => (await import('../accept.ts')).accept));

  command(
    'maintain',
    'Merges packs and deletes leftovers, as every run does after its commit; the plan is printed first.',
  )
    .option('--dry-run', 'print the plan, and do nothing')
    .action(does<CommonOptions & { dryRun?: boolean }>(async () => (await import('../maintain.ts')).maintain));

  command(
    'hold',
    'A legal hold: nothing of the history goes, whatever BACKUP_KEEP says. Without options: is there one?',
  )
    .option('--reason <text>', 'put the archive on hold, and say why')
    .option('--release', 'take the hold away')
    .action(does<HoldOptions>(async () => (await import('../hold.ts')).hold));
}
