import { momentText } from '../../backup/words.ts';
import type { RunStep } from '../../backup/run.ts';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { runningName } from '../layout.ts';
import { jsonIn } from '../../backup/json.ts';
import { startOf } from './run-history.ts';
import { readRecord } from './run-record.ts';

/** Where runs are made: one at a time there, because its Durable sees to that. */
export interface Host {
  /** tells it from every other one */
  id: string;
  /** for people */
  name: string;
  /** Has this other host surely ended? Never said of one that cannot be seen from here. */
  isGone(id: string): Promise<boolean>;
}

/** Who runs on an archive, as its blob says. */
export interface RunHolder {
  runId: string;
  /** epoch ms */
  started: number;
  /** id of its host */
  host: string;
  /** name of its host */
  where: string;
  /** when it was heard of last, epoch ms */
  heard: number;
  /** a restore, which leaves no record of a run */
  is?: 'restore';
}

/** What claiming an archive for a run needs. */
export interface HolderDeps {
  store: BlobStore;
  clock: Clock;
  /** this one */
  host: () => Promise<Host>;
  /** ms after which a run that is not heard of is dead */
  silence: number;
  /** the restore for which this run saves what is there: it has claimed the archive already */
  within?: string;
}

/** ms by which two hosts' clocks may differ. */
const skew = 3_600_000;

/**
 * Makes this run the one that is under way. A run of another host that has ended, whose host is gone, or that has been silent for
 * too long is no hindrance; nor is one of this host: here Durable lets no two run. May be called again.
 * @param is what claims it, when it is no run
 * @returns the id of the run whose place was taken, which may not know that it is dead
 * @throws RUN_ACTIVE while another host has a run under way
 */
export async function claimRun(
  deps: HolderDeps,
  { runId, started }: RunStep,
  is?: 'restore',
): Promise<string | undefined> {
  const { store, clock } = deps;
  const host = await deps.host();
  for (;;) {
    const { holder: held, etag } = await read(store);
    if (deps.within !== undefined && held?.runId === deps.within) return undefined;
    const isOwn = held?.runId === runId && (is === undefined || held.host === host.id);
    if (isOwn && is === undefined) return undefined;
    // It comes late itself, after a run that took its place; its last step will find out.
    if (is === undefined && held?.host === host.id && held.is === undefined && isLater(held, runId, clock.now()))
      return undefined;
    if (held !== undefined && !isOwn && (await isActive(deps, held, is))) {
      if (is === undefined && (await readRecord(store, runId)) !== undefined) return undefined;
      throw runActive(held, deps.silence);
    }
    const mine: RunHolder = { runId, started, host: host.id, where: host.name, heard: clock.now(), ...(is && { is }) };
    // A restore is resumed, never buried.
    if (await write(store, mine, etag)) return held?.is === undefined ? held?.runId : undefined;
  }
}

/** Lets others run: the restore is over, or goes on when somebody resumes it. */
export async function releaseRestore({ store }: Pick<HolderDeps, 'store'>, restoreId: string): Promise<void> {
  const { holder: held, etag } = await read(store);
  if (held?.runId === restoreId && held.is === 'restore') await write(store, { ...held, heard: 0 }, etag);
}

/** The run that another host has under way. */
export async function runElsewhere(deps: HolderDeps): Promise<RunHolder | undefined> {
  const held = await readHolder(deps.store);
  return held !== undefined && (await isActive(deps, held)) ? held : undefined;
}

/**
 * Says from time to time that a run is still heard of; to be asked at each step of it. Another run that took its place is left
 * alone.
 */
export function keepHold({ store, clock, silence }: HolderDeps): (runId: string) => Promise<void> {
  const told = new Map<string, number>();
  return async (runId) => {
    const now = clock.now();
    // A worker that has just been started knows nothing of what others told.
    if (now - (told.get(runId) ?? startOf(runId)) < silence / 12) return;
    told.set(runId, now);
    const { holder: held, etag } = await read(store);
    if (held?.runId === runId) await write(store, { ...held, heard: now }, etag);
  };
}

/** What whoever wants to start a run is told. */
export function runActive({ runId, started, where, heard, is }: RunHolder, silence: number): BackupError {
  if (is === 'restore') {
    const message = `Restore ${runId} has been under way since ${momentText(started)} on ${where}; it was heard of last at ${momentText(heard)}.`;
    const hint = `Wait for its end. A restore of which nothing is heard for ${hoursOf(silence)} counts as dead; \`ago-backup restore --resume ${runId}\` goes on with it.`;
    return new BackupError('RUN_ACTIVE', message, { hint });
  }
  const message = `Run ${runId} has been under way since ${momentText(started)} on ${where}; it was heard of last at ${momentText(heard)}.`;
  const hint = `Wait for its end, or end it: with Ctrl-C where \`ago-backup run\` makes it, else with DELETE /api/backups/${runId}. A run of which nothing is heard for ${hoursOf(silence)} counts as dead.`;
  return new BackupError('RUN_ACTIVE', message, { hint });
}

function hoursOf(ms: number): string {
  const hours = Math.round(ms / 360_000) / 10;
  return hours === 1 ? 'an hour' : `${hours} hours`;
}

function isLater(held: RunHolder, runId: string, now: number): boolean {
  return held.runId > runId && startOf(held.runId) <= now + skew;
}

/** @param to what somebody wants to begin */
async function isActive(
  { store, clock, silence, ...deps }: HolderDeps,
  held: RunHolder,
  to?: 'restore',
): Promise<boolean> {
  const host = await deps.host();
  // What a clock that was ahead has told counts as never told.
  const isSilent = Math.abs(clock.now() - held.heard) >= silence;
  if (isSilent || (await host.isGone(held.host))) return false;
  // Durable lets no two runs run on one host, but it knows nothing of restores.
  if (held.host === host.id && to === undefined) return held.is === 'restore';
  return (await readRecord(store, held.runId)) === undefined;
}

/** One that is damaged, or is none, keeps nobody from anything. */
export async function readHolder(store: BlobStore): Promise<RunHolder | undefined> {
  return (await read(store)).holder;
}

async function read(store: BlobStore): Promise<{ holder?: RunHolder; etag?: string }> {
  const blob = await store.get(runningName);
  if (blob === undefined) return {};
  const held = jsonIn(blob.bytes.toString()) as RunHolder | null | undefined;
  const { runId, started, host, where, heard } = held ?? {};
  const isWhole = [runId, host, where].every((text) => typeof text === 'string') && isTime(started) && isTime(heard);
  return { etag: blob.etag, ...(isWhole && { holder: held as RunHolder }) };
}

const isTime = (value: unknown) => typeof value === 'number' && Math.abs(value) < 8.64e15;

/** False when somebody else wrote meanwhile. */
async function write(store: BlobStore, holder: RunHolder, etag: string | undefined): Promise<boolean> {
  const condition = etag === undefined ? ({ absent: true } as const) : { etag };
  return (await store.put(runningName, Buffer.from(JSON.stringify(holder)), condition)) !== undefined;
}
