import { runActive, runElsewhere, type Host } from '../archive/runs/run-holder.ts';
import { openRepository, type Head } from '../archive/repository.ts';
import { moveBranch } from '../archive/publish.ts';
import type { Clock } from '../clock.ts';
import { BackupError, isCode } from '../errors.ts';
import { infoPacks } from '../git/layout.ts';
import { changePacks } from '../git/pack/pack-list.ts';
import { withHeldPacks } from '../git/pack/held-packs.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { MemoryStore } from '../storage/memory.ts';
import { copyBeside, listBeside } from './beside.ts';
import { carry, damagedIn, type Carrying } from './carry.ts';
import { holdTarget, type Hold } from './hold.ts';
import { planCopy, type Plan, type Wanted } from './plan.ts';
import { asItIs } from './proofs.ts';
import { refuseOther, type Side } from './relation.ts';

/** What a copy needs besides the two stores. */
export interface CopyParts {
  clock: Clock;
  /** this one */
  host: () => Promise<Host>;
  /** only say what would come over */
  dryRun?: boolean;
  /** hears how many bytes there are to copy, once that is known */
  expect: (bytes: number) => void;
  /** hears of bytes that came over; of less than none where a body begins anew */
  tell: (bytes: number) => void;
}

/** What a copy came to. */
export interface CopyReport {
  from: string;
  to: string;
  /** the source's, and the target's since; the target's before, null when it had none */
  commit: string;
  before: string | null;
  /** what came over, or would */
  packs: number;
  large: number;
  bytes: number;
  /** what is damaged in the source and was left out; what is, and was accepted as a loss, and came over as it is */
  damaged: string[];
  accepted: string[];
  dryRun: boolean;
}

/** How long a run of the target may be silent before it counts as dead, ms. */
const silence = 3 * 3_600_000;

/**
 * Makes the target what the source is: all objects of its branch, each proved on the way, then the branch, then what lies beside it.
 * Only what is missing comes over, so that a copy that was cut goes on, and one of every night is small. A run may be under way in
 * the source: the branch is read first, and all that it leads to is there for 14 days. Nothing of the source is changed.
 * Throws TARGET_TAKEN when the target is no earlier state of the source, RUN_ACTIVE while a run or a copy is under way there,
 * STORE_DAMAGED when the source has a damaged pack, STORE_NOT_REPOSITORY; then the target's branch is where it was.
 */
export async function copyArchive(from: BlobStore, to: BlobStore, parts: CopyParts): Promise<CopyReport> {
  if (from.address === to.address) throw new BackupError('USAGE', `${from.address} cannot be copied onto itself.`);
  const source = sideOf(withHeldPacks(from), parts.clock);
  const target = sideOf(to, parts.clock);
  const beside = await listBeside(from);
  const head = await headOf(source);
  const taken = (await target.repository.inspect()) === 'there' ? await target.repository.head() : undefined;
  await refuseOther(source, head, target, taken);
  if (parts.dryRun === true) {
    const isMissing = (await target.repository.inspect()) === 'missing';
    const plan = await planCopy(from, isMissing ? new MemoryStore({ clock: parts.clock }) : to);
    return reportOf(from, to, plan, { head, taken, damaged: [], dryRun: true });
  }
  const active = taken && (await runElsewhere({ store: to, clock: parts.clock, host: parts.host, silence }));
  if (active) throw runActive(active, silence);
  await target.repository.prepare();
  const hold = await holdTarget(to, { clock: parts.clock, host: await parts.host() });
  try {
    const { plan, left } = await copyObjects({ ...parts, from, to }, hold);
    if (taken?.commit !== head.commit) await moveBranch(to, head.commit, taken?.etag);
    const damaged = [...left, ...(await copyBeside(from, to, beside))];
    return reportOf(from, to, plan, { head, taken, damaged, dryRun: false });
  } finally {
    await hold.release();
  }
}

function sideOf(store: BlobStore, clock: Clock): Side {
  const refuse = () => {
    throw new TypeError('a copy makes no objects of its own');
  };
  return { store, repository: openRepository(store, { random: refuse, clock }) };
}

async function headOf({ store, repository }: Side): Promise<Head> {
  const head = (await repository.inspect()) === 'there' ? await repository.head() : undefined;
  if (head !== undefined) return head;
  throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} holds no archive that could be copied.`, {
    hint: 'Name the archive first, then where its copy is to lie.',
  });
}

/** How often the source's packs may become others while they are copied. */
const mostChanges = 5;

/** Objects, then the list of packs. Packs that were merged and taken away meanwhile are no damage: then it is looked once more. */
async function copyObjects(parts: CopyParts & Carrying, hold: Hold): Promise<{ plan: Plan; left: string[] }> {
  for (let attempt = 1; ; attempt++) {
    const list = await listOf(parts.from);
    try {
      const plan = await planCopy(parts.from, parts.to);
      parts.expect(bytesOf(plan));
      for (const { name, proof } of plan.objects) {
        await hold.keep();
        if (!(await carry(parts, name, proof))) throw damagedIn(parts.from, name);
      }
      const left = await copyLarge(parts, hold, plan.large);
      const { packs } = plan;
      if (packs.length > 0)
        await changePacks(parts.to, (listed) => [...packs, ...listed.filter((each) => !packs.includes(each))]);
      return { plan, left };
    } catch (error) {
      const isOther = isCode(error, 'STORE_DAMAGED') && (await listOf(parts.from)) !== list;
      if (!isOther || attempt === mostChanges) throw error;
    }
  }
}

async function listOf(store: BlobStore): Promise<string> {
  return (await store.get(infoPacks))?.bytes.toString() ?? '';
}

/** Large files that come over at the same time: many are small, and wait for the network. */
const lanes = 4;

/** @returns names of those that are damaged: each costs itself only */
async function copyLarge(parts: Carrying, hold: Hold, large: readonly Wanted[]): Promise<string[]> {
  const left: string[] = [];
  const waiting = large.values();
  const lane = async () => {
    for (const { name, proof } of waiting) {
      await hold.keep();
      try {
        if (!(await carry(parts, name, proof))) left.push(name);
      } catch (error) {
        if (!isCode(error, 'STORE_DAMAGED')) {
          // The other lanes end as well, once they have written what they are at.
          for (const rest of waiting) void rest;
          throw error;
        }
        left.push(name);
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return left;
}

function bytesOf({ objects, large }: Plan): number {
  return [...objects, ...large].reduce((sum, { size }) => sum + size, 0);
}

interface End extends Pick<CopyReport, 'damaged' | 'dryRun'> {
  head: Head;
  taken: Head | undefined;
}

function reportOf(from: BlobStore, to: BlobStore, plan: Plan, { head, taken, damaged, dryRun }: End): CopyReport {
  const whole = (each: Wanted) => !damaged.includes(each.name);
  return {
    from: from.address,
    to: to.address,
    commit: head.commit,
    before: taken?.commit ?? null,
    packs: plan.packs.length,
    large: plan.large.filter(whole).length,
    bytes: bytesOf({ ...plan, large: plan.large.filter(whole) }),
    damaged,
    accepted: [...plan.objects, ...plan.large].filter(({ proof }) => proof === asItIs).map(({ name }) => name),
    dryRun,
  };
}
