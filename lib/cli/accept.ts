import { systemClock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import type { Environment } from '../settings/table.ts';
import { numberOf } from '../backup/words.ts';
import { accept as acceptLosses, revoke as revokeAll } from '../upkeep/accept/accept.ts';
import { readAcceptances, type Acceptance } from '../archive/acceptance.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** What `accept` takes besides its words. */
export interface AcceptOptions extends CommonOptions {
  reason?: string;
  list?: boolean;
  revoke: string[];
}

/**
 * Accepts losses and gaps, lists what is accepted, or takes it back. Exit status: 0 done; 3 when a list has acceptances that are damaged.
 * Throws USAGE.
 */
export async function accept(
  env: Environment,
  { json, reason, list, revoke }: AcceptOptions,
  [code, ...objects]: string[],
): Promise<number> {
  const ways = [code !== undefined || reason !== undefined, list === true, revoke.length > 0];
  if (ways.filter(Boolean).length !== 1)
    throw new BackupError(
      'USAGE',
      'One of these is needed: CODE ITEM or OBJECT --reason TEXT, --list, --revoke ITEM or OBJECT.',
    );
  const print = (value: object, lines: readonly string[]) => {
    if (json === true) printJson(value);
    process.stderr.write(printable(`${lines.join('\n')}\n`));
  };
  const store = archiveStore(env);
  if (list === true) {
    const { accepted, damaged } = await readAcceptances(store);
    const all = [...accepted.values()];
    const spoiled = damaged.map((name) => `${name} is damaged: nothing is accepted by it.`);
    const lines = [...all.flatMap(linesOf), ...spoiled];
    print({ accepted: all, damaged }, lines.length > 0 ? lines : ['Nothing is accepted.']);
    return damaged.length > 0 ? 3 : 0;
  }
  if (revoke.length > 0) {
    await revokeAll(store, revoke);
    print({ revoked: revoke }, [`Took back ${numberOf(revoke.length, 'acceptance')}.`]);
    return 0;
  }
  if (code === undefined || objects.length === 0 || reason === undefined)
    throw new BackupError('USAGE', 'CODE, ITEM or OBJECT, and --reason TEXT are needed together.');
  const accepted = await acceptLosses({ store, clock: systemClock }, { code, objects, reason });
  print({ accepted }, ['Accepted:', ...accepted.flatMap(linesOf)]);
  return 0;
}

function linesOf({ object, what, reason, since }: Acceptance): string[] {
  return [object, `  ${what}`, `  since ${since.slice(0, 10)}: ${reason}`];
}
