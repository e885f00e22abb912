import { systemClock } from '../clock.ts';
import { BackupError, toMessage } from '../errors.ts';
import { sha256 } from '../archive/sha256.ts';
import type { Environment } from '../settings/table.ts';
import { shareOf, type Share } from '../upkeep/verify/large.ts';
import { Pace } from '../upkeep/verify/pace.ts';
import { soundness, verdictLines } from '../upkeep/verify/report.ts';
import type { State } from '../upkeep/verify/state.ts';
import { turnOf } from '../upkeep/verify/turn.ts';
import { UnfinishedVerify } from '../upkeep/verify/unfinished.ts';
import { Verification } from '../upkeep/verify/verification.ts';
import type { Verdict } from '../upkeep/verify/verify.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { archiveStore, scratchPlace, type CommonOptions } from './environment.ts';
import { interrupted, onInterrupt } from './interrupt.ts';
import { printable, printJson } from './printable.ts';
import { showVerify } from './verify-progress.ts';

/** Options of `ago-backup verify`. */
export interface VerifyOptions extends CommonOptions {
  readData: number;
  anew?: boolean;
}

const stopped = 'Stopped. Within 14 days the same command goes on from here; with --anew it begins anew.\n';
const lost = 'Stopped. The next verification begins anew: how far this one came can be noted nowhere.';

/**
 * Reads the archive and says what is damaged and how to mend it. Ctrl-C stops it so that the same command goes on.
 * Exit status: 0 sound, 3 untidy, 1 damaged, 130 stopped.
 */
export async function verify(env: Environment, { json, readData, anew }: VerifyOptions): Promise<number> {
  const store = archiveStore(env);
  const place = scratchPlace(env, store.address);
  const which = `${sha256(Buffer.from(store.address)).slice(0, 16)}-${readData}`;
  const unfinished = new UnfinishedVerify(place, which);
  const keep = async (state: State) => {
    await place.create();
    await unfinished.keep(state);
  };
  const verdict = await verifyInParts(store, shareOf(readData, day()), { unfinished, keep, anew: anew === true });
  if (verdict === undefined) return interrupted;
  if (json === true) printJson(verdict);
  process.stderr.write(printable(`${verdictLines(verdict).join('\n')}\n`));
  return verifyStatus(verdict);
}

const day = () => Math.floor(systemClock.now() / 86_400_000);

/** Every five minutes it is written down how far it is; undefined when it was stopped. */
async function verifyInParts(
  store: BlobStore,
  share: Share,
  { unfinished, keep, anew }: { unfinished: UnfinishedVerify; keep: (state: State) => Promise<void>; anew: boolean },
): Promise<Verdict | undefined> {
  const stopping = new AbortController();
  const progress = showVerify(process.stderr, systemClock);
  const pace = new Pace(systemClock);
  const giveBack = onInterrupt({ end: () => stopping.abort(), leave: progress.stop });
  try {
    const found = await attempt(async () => unfinished.read(systemClock.now()));
    let state = anew ? undefined : found.value;
    if (state !== undefined) process.stderr.write('Going on with a verification that was stopped before its end.\n');
    for (;;) {
      const verification = await Verification.open(store, { share, state });
      const turn = turnOf(systemClock, (now) => progress.show(pace.hear(now)), stopping.signal);
      const verdict = await verification.goOn(turn);
      if (verdict !== undefined) {
        await attempt(() => unfinished.end());
        return verdict;
      }
      const reached = verification.state;
      const { problem } = await attempt(() => keep(reached));
      state = reached;
      if (!stopping.signal.aborted) continue;
      progress.stop();
      process.stderr.write(problem === undefined ? stopped : printable(`${lost} ${problem}\n`));
      return undefined;
    }
  } finally {
    progress.stop();
    giveBack();
  }
}

/** Whoever may write nowhere may verify all the same: what came of the attempt, or why it failed. */
async function attempt<T>(work: () => Promise<T>): Promise<{ value?: T; problem?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { problem: toMessage(error) };
  }
}

/** 0 sound, 3 untidy, 1 damaged. */
export function verifyStatus(verdict: Verdict): number {
  return { sound: 0, untidy: 3, damaged: 1 }[soundness(verdict)];
}
