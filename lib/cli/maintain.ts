import { randomBytes } from 'node:crypto';
import { numberOf, readable } from '../backup/report.ts';
import { systemClock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { openRepository } from '../archive/repository.ts';
import { planTidyUp, tidyUp, type MaintenancePlan, type Sized } from '../upkeep/maintain/maintain.ts';
import type { Environment } from '../settings/table.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** Blobs that a terminal shows; `--json` has all. */
const mostShown = 20;

/** Prints what there is to tidy up in the store, then does it, as every run does after its commit. Exit status 0. */
export async function maintain(
  env: Environment,
  { json, dryRun }: CommonOptions & { dryRun?: boolean },
): Promise<number> {
  const random = () => randomBytes(20).toString('hex');
  const clock = systemClock;
  const store = archiveStore(env);
  const parts = { store, clock, random, repository: openRepository(store, { random, clock }) };
  if ((await parts.repository.inspect()) !== 'there')
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} holds no archive.`);
  const plan = await planTidyUp(parts);
  const say = (lines: readonly string[]) => void process.stderr.write(printable(`${lines.join('\n')}\n`));
  say(planLines(plan));
  const done = dryRun !== true;
  if (done) {
    await tidyUp(parts);
    say(['Done.']);
  }
  if (json === true) printJson({ ...plan, done });
  return 0;
}

/** The plan for people. */
function planLines({ merge, delete: leftovers }: MaintenancePlan): string[] {
  const lines =
    merge.length === 0
      ? ['Merge nothing: there are few packs, or they are large.']
      : [`Merge ${numberOf(merge.length, 'pack')} (${total(merge)}) into one; the old ones go 14 days later.`];
  if (leftovers.length === 0) return [...lines, 'Delete nothing: there are no leftovers older than 14 days.'];
  const shown = leftovers.slice(0, mostShown).map(({ name, size }) => `  ${name} (${readable(size)})`);
  const hidden = leftovers.length - shown.length;
  lines.push(`Delete ${numberOf(leftovers.length, 'leftover')} older than 14 days (${total(leftovers)}):`, ...shown);
  return hidden > 0 ? [...lines, `  and ${hidden} more; --json lists them all`] : lines;
}

function total(blobs: readonly Sized[]): string {
  return readable(blobs.reduce((sum, { size }) => sum + size, 0));
}
