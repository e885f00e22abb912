import { systemClock } from '../clock.ts';
import type { Environment } from '../settings/table.ts';
import { shareOf } from '../upkeep/verify/large.ts';
import { soundness, verdictLines } from '../upkeep/verify/report.ts';
import { verify as verifyStore, type Verdict } from '../upkeep/verify/verify.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** Reads the archive and says what is damaged and how to mend it. Exit status: 0 sound, 3 untidy, 1 damaged. */
export async function verify(
  env: Environment,
  { json, readData }: CommonOptions & { readData: number },
): Promise<number> {
  const turn = Math.floor(systemClock.now() / 86_400_000);
  const verdict = await verifyStore(archiveStore(env), shareOf(readData, turn));
  if (json === true) printJson(verdict);
  process.stderr.write(printable(`${verdictLines(verdict).join('\n')}\n`));
  return verifyStatus(verdict);
}

/** 0 sound, 3 untidy, 1 damaged. */
export function verifyStatus(verdict: Verdict): number {
  return { sound: 0, untidy: 3, damaged: 1 }[soundness(verdict)];
}
