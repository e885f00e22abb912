import { Option, type Command } from 'commander';
import type { DiffOptions } from '../diff.ts';
import type { CommonOptions } from '../environment.ts';
import type { GetOptions } from '../get.ts';
import type { LogOptions } from '../log.ts';
import type { LsOptions } from '../ls.ts';
import { collect, readLimit } from '../option-values.ts';
import { commandsOf, doesWith } from './declare.ts';
import { atForms, itemForms, timeForms } from './forms.ts';

/** What looks into an archive, and takes out of it. */
export function declareHistory(program: Command): void {
  const command = commandsOf(program);
  command('log', 'The versions of an item that ever was, newest first; without an item the commits.')
    .argument('[item]', itemForms)
    .option('--since <time>', timeForms)
    .option('--until <time>', timeForms)
    .option('--user <name>', 'only of this member; may be repeated', collect, [])
    .option('--type <type>', 'only items of this type; may be repeated', collect, [])
    .addOption(new Option('--limit <number>', 'how many at most').default(50).argParser(readLimit))
    .action(doesWith<LogOptions, string | undefined>(async () => (await import('../log.ts')).log));

  command('ls', 'The items as they stood.')
    .argument('[text]', 'a part of the title, or the beginning of an id')
    .option('--at <at>', atForms, 'latest')
    .option('--user <name>', 'only of this member; may be repeated', collect, [])
    .option('--folder <title>', 'only in folders of this title; may be repeated', collect, [])
    .option('--type <type>', 'only items of this type; may be repeated', collect, [])
    .option('--tag <tag>', 'only items that bear this tag; may be repeated', collect, [])
    .option('--deleted', 'those that are no more')
    .option('--changed-since <time>', timeForms)
    .addOption(
      new Option('--sort <order>', 'what the order goes by')
        .default('path')
        .choices(['path', 'title', 'owner', 'type', 'size', 'changed']),
    )
    .addOption(new Option('--limit <number>', 'how many at most').default(100).argParser(readLimit))
    .action(doesWith<LsOptions, string | undefined>(async () => (await import('../ls.ts')).ls));

  command('show', 'An item as it was: record, parts, layers, sharing, what it uses and what uses it.')
    .argument('<item>', itemForms)
    .option('--at <at>', atForms, 'latest')
    .action(doesWith<CommonOptions & { at: string }, string>(async () => (await import('../show.ts')).show));

  command('diff', 'What is different between two versions of an item, or which items are between two times.')
    .usage('[options] ITEM [FROM [TO]] | FROM TO')
    .argument('<words...>', `ITEM: ${itemForms}; FROM and TO: ${atForms}`)
    .option('--patch', "git's own diff")
    .action(doesWith<DiffOptions, string[]>(async () => (await import('../diff.ts')).diff));

  command('get', 'Takes items out as files, as the portal had them.')
    .argument('[items...]', itemForms)
    .option('--at <at>', atForms, 'latest')
    .option('--to <folder>', 'where they go')
    .option('--zip <file>', 'into a zip instead; - is standard output')
    .option('--user <name>', 'all items of this member; may be repeated', collect, [])
    .option('--all', 'all items')
    .option('--overwrite', 'replace what is there')
    .action(doesWith<GetOptions, string[]>(async () => (await import('../get.ts')).get));
}
