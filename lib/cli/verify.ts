import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import { checkStoreSetting, type Environment } from '../settings.ts';
import { openStore } from '../storage/open.ts';
import { withRetry } from '../storage/retry.ts';
import { azureCredential } from '../vault/credential.ts';
import { shareOf, verify as verifyStore } from '../verify/verify.ts';
import type { CommonOptions } from './environment.ts';

/** Reads the archive and says what is damaged and how to mend it. Exit status: 0 sound, 3 untidy, 1 damaged. */
export async function verify(
  env: Environment,
  { json, readData }: CommonOptions & { readData: number },
): Promise<number> {
  const clock = systemClock;
  const store = withRetry(openStore(checkStoreSetting(env), { clock, credential: azureCredential }), clock);
  const random = () => randomBytes(20).toString('hex');
  const verdict = await verifyStore({ store, clock, random }, shareOf(readData, clock.now()));
  const { findings, commit, commits, items, parts, read } = verdict;
  if (json === true) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  const lines = findings.map(
    ({ kind, what, cure }) => `${kind === 'damage' ? 'DAMAGE' : 'notice'}  ${what}\n        ${cure}`,
  );
  const where = commit === null ? 'no commit' : `commit ${commit.slice(0, 10)}`;
  lines.push(`${where}: ${commits} commits, ${items} items, ${parts} parts, ${read} Git LFS objects read whole`);
  const isDamaged = findings.some(({ kind }) => kind === 'damage');
  lines.push(
    isDamaged
      ? 'The archive is damaged.'
      : findings.length > 0
        ? 'The archive is sound, and untidy.'
        : 'The archive is sound.',
  );
  process.stderr.write(`${lines.join('\n')}\n`);
  return isDamaged ? 1 : findings.length > 0 ? 3 : 0;
}
