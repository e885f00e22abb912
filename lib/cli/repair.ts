import { randomBytes } from 'node:crypto';
import type { Portal } from '../arcgis/portal.ts';
import { failureText } from '../backup/report.ts';
import { systemClock } from '../clock.ts';
import { openRepository } from '../archive/repository.ts';
import { recordedCommits } from '../archive/runs/run-history.ts';
import { readIndexOf } from '../archive/member-index.ts';
import type { Environment } from '../settings/table.ts';
import { planOf, repair as repairStore } from '../upkeep/repair/repair.ts';
import { verdictLines } from '../upkeep/verify/report.ts';
import { verify } from '../upkeep/verify/verify.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { startLocalHost } from './local-host.ts';
import { printable, printJson } from './printable.ts';
import { createProgress } from './progress.ts';
import { runOnce } from './run.ts';
import { verifyStatus } from './verify.ts';

/** Items of one run: its request must fit into a message of Durable. */
const itemsOfOneRun = 500;

/**
 * Mends what can be mended of a damaged archive, and never makes it worse. Items are fetched from the portal by a forced
 * run, for which the settings of a backup must be there. Exit status as that of `verify`, after the repair.
 */
export async function repair(
  env: Environment,
  { json, dryRun }: CommonOptions & { dryRun?: boolean },
): Promise<number> {
  const store = archiveStore(env);
  const say = (text: string) => void process.stderr.write(printable(`${text}\n`));
  if (dryRun === true) {
    const verdict = await verify(store, { from: 0, to: 1 });
    const plan = planOf(verdict);
    if (json === true) printJson({ before: verdict, plan });
    say([...verdictLines(verdict), ...planLines(plan)].join('\n'));
    return verifyStatus(verdict);
  }
  const random = () => randomBytes(20).toString('hex');
  const repository = openRepository(store, { random, clock: systemClock });
  const report = await repairStore({
    store,
    recordedCommits: () => recordedCommits(store),
    derive: async (tree) => void (await readIndexOf({ store, repository }, tree)),
    fetchItems: (ids) => fetchItems(env, ids),
    tell: say,
    random,
  });
  if (json === true) printJson(report);
  const { done, failed, after } = report;
  say([`Repairs: ${done.length} done, ${failed.length} failed.`, ...verdictLines(after)].join('\n'));
  return failed.length > 0 ? 1 : verifyStatus(after);
}

function planLines(plan: readonly string[]): string[] {
  if (plan.length === 0) return ['There is nothing that could be repaired.'];
  return ['This would be done:', ...plan.map((line) => `  ${line}`)];
}

/** Forced runs of those items that the portal still has. */
async function fetchItems(env: Environment, ids: readonly string[]): Promise<string[]> {
  const progress = createProgress(process.stderr, 'auto', systemClock);
  const local = await startLocalHost(env, progress.hear, { atWork: progress.work });
  try {
    const { alive, problems } = await askFor(await local.app.deps.portal('repair'), ids);
    for (let at = 0; at < alive.length; at += itemsOfOneRun) {
      const record = await runOnce(local, { items: alive.slice(at, at + itemsOfOneRun), force: true }, progress);
      if (record.error !== undefined)
        problems.push(`${record.error.code}: ${record.error.message} ${record.error.hint}`);
      for (const failure of record.failures) problems.push(failureText(failure));
      if (record.outcome === 'cancelled') break;
    }
    return problems;
  } finally {
    progress.stop();
    await local.host.close();
  }
}

async function askFor(portal: Portal, ids: readonly string[]) {
  const alive: string[] = [];
  const problems: string[] = [];
  for (const id of ids) {
    if ((await portal.item(id)) !== undefined) alive.push(id);
    else problems.push(`Item ${id} is not in the portal any more; what the archive has of it stays as it is.`);
  }
  return { alive, problems };
}
