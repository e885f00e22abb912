import { randomBytes } from 'node:crypto';
import { numberOf, oneLine, readable } from '../backup/words.ts';
import { systemClock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { runElsewhere } from '../archive/runs/run-holder.ts';
import { thisHost } from '../archive/runs/this-host.ts';
import { openRepository } from '../archive/repository.ts';
import { planTidyUp, tidyUp, type MaintenancePlan, type Sized } from '../upkeep/maintain/maintain.ts';
import { checkKeepSetting } from '../settings/settings.ts';
import type { Environment } from '../settings/table.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { Retention } from '../upkeep/retain/fold.ts';
import type { Freed, RetentionPlan } from '../upkeep/retain/plan.ts';
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
  const repository = openRepository(store, { random, clock });
  const parts = { store, clock, random, repository, retention: retentionIn(env, store) };
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

/** ms after which a run that is not heard of is dead; a run's own settings may say more. */
const silence = 3 * 3_600_000;

function retentionIn(env: Environment, store: BlobStore): Retention | undefined {
  const keepDays = checkKeepSetting(env);
  if (keepDays === undefined) return undefined;
  return {
    keepDays,
    runElsewhere: () => runElsewhere({ store, clock: systemClock, host: () => thisHost(undefined), silence }),
  };
}

/** The plan for people. */
function planLines({ merge, delete: leftovers, retention }: MaintenancePlan): string[] {
  const lines = retention === null ? [] : retentionLines(retention);
  lines.push(
    merge.length === 0
      ? 'Merge nothing: there are few packs, or they are large.'
      : `Merge ${numberOf(merge.length, 'pack')} (${total(merge)}) into one; the old ones go 14 days later.`,
  );
  if (leftovers.length === 0) return [...lines, 'Delete nothing: there are no leftovers older than 14 days.'];
  const shown = leftovers.slice(0, mostShown).map(({ name, size }) => `  ${name} (${readable(size)})`);
  const hidden = leftovers.length - shown.length;
  lines.push(`Delete ${numberOf(leftovers.length, 'leftover')} older than 14 days (${total(leftovers)}):`, ...shown);
  return hidden > 0 ? [...lines, `  and ${hidden} more; --json lists them all`] : lines;
}

function retentionLines(plan: RetentionPlan): string[] {
  return plan.hold !== null || plan.frees === null ? foldLines(plan) : [...foldLines(plan), freesLine(plan.frees)];
}

function freesLine({ bytes, large, after }: Freed): string {
  const objects = large.length === 0 ? '' : ` and ${numberOf(large.length, 'Git LFS object')} (${total(large)})`;
  return `Let go ${readable(bytes)} of packs${objects} that nothing leads to any more, not before ${after.slice(0, 10)}; the old packs 14 days later.`;
}

function foldLines({ keepDays, hold, folded, months }: RetentionPlan): string[] {
  const keep = `BACKUP_KEEP is ${numberOf(keepDays, 'day')}`;
  if (hold !== null) {
    const reason = hold.reason === '' ? '' : `: ${oneLine(hold.reason)}`;
    return [`Thin out nothing: ${keep}, but there is a legal hold since ${hold.since.slice(0, 10)}${reason}`];
  }
  if (folded === 0) return [`Thin out nothing: ${keep}, and no whole month that is older has a commit too many.`];
  const shown = months.slice(0, mostShown).map(({ month, commits, kept }) => {
    const stay =
      kept.length === 0
        ? 'none stays: the year has a later one'
        : `${kept.map((id) => id.slice(0, 10)).join(', ')} stays`;
    return `  ${month}: ${numberOf(commits, 'commit')}, ${stay}`;
  });
  const hidden = months.length - shown.length;
  return [
    `Thin out ${numberOf(folded, 'commit')} (${keep}); all later commits get new ids, and old ones are still understood:`,
    ...shown,
    ...(hidden > 0 ? [`  and ${numberOf(hidden, 'month')} more; --json lists them all`] : []),
  ];
}

function total(blobs: readonly Sized[]): string {
  return readable(blobs.reduce((sum, { size }) => sum + size, 0));
}
