import { memberPath } from '../../backup/names/paths.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { isWithinLimit } from '../../backup/reconcile.ts';
import type { Saved } from '../../backup/item.ts';
import { toFailure } from '../../errors.ts';
import type { Head } from '../../archive/repository.ts';
import type { Results } from './collect-results.ts';
import { readIndexOf } from '../../archive/member-index.ts';
import type { Counts } from '../../backup/counts.ts';
import type { RunRequest } from '../../backup/run.ts';
import type { Deps } from '../deps.ts';
import type { Departures } from '../../archive/commit-tree.ts';

/** What goes, and what stays although no listing holds it. */
export interface Pruned extends Departures {
  /** too much would have gone, so nothing did */
  held: boolean;
  /** something that the portal still has was in no listing, so it was not looked at this time */
  unlisted: boolean;
  warnings: string[];
}

/** Nothing goes. */
export const nothingPruned: Pruned = {
  removed: new Map(),
  doubles: new Set(),
  held: false,
  unlisted: false,
  warnings: [],
};

/**
 * Finds the items that no member has any more and asks the portal for each of them: only what it says does not exist is
 * removed. A member's items go only when the portal says that the member does not exist either. What cannot be proved stays.
 */
export async function prune(
  deps: Deps,
  input: { runId: string; request: RunRequest; counts: Pick<Counts, 'archived'> },
  base: Head | undefined,
  gathered: Results,
): Promise<Pruned> {
  const { candidates, archived } = await findCandidates(deps, gathered, input.counts.archived);
  if (base === undefined || candidates.length === 0) return nothingPruned;
  const accepted = input.request.acceptPrune === true;
  if (!isWithinLimit(candidates.length, archived, deps.rules.pruneLimit, accepted)) {
    return { ...nothingPruned, held: true, warnings: [heldBack(candidates.length, archived)] };
  }
  const portal = await deps.portal(input.runId);
  const pruned = await proveGone(deps, portal, base, candidates);
  return pruned.removed.size === 0 ? pruned : believe(pruned, portal);
}

/**
 * To an account that has lost its rights, the portal says of all that it does not show that it does not exist. So who we
 * are is proved once more, after the questions.
 */
async function believe(pruned: Pruned, portal: Portal): Promise<Pruned> {
  try {
    await portal.prove();
    return pruned;
  } catch (error) {
    const { code, message } = toFailure(error);
    const kept = `${code}: ${message} What the portal says is gone was kept, for it may only be hidden from this account.`;
    return { ...pruned, removed: new Map(), warnings: [...pruned.warnings, kept] };
  }
}

interface Candidate {
  saved: Saved;
  /** is the whole member missing from the organization? */
  memberVanished: boolean;
}

async function findCandidates(deps: Deps, gathered: Results, checked: number) {
  const elsewhere = new Set([...gathered.found, ...gathered.failures.map(({ itemId }) => itemId)]);
  const candidates: Candidate[] = [];
  let archived = checked;
  for (const { tree, ids } of gathered.missing) {
    const index = await readIndexOf(deps, tree);
    for (const id of ids) {
      const saved = index[id];
      if (saved && !elsewhere.has(id)) candidates.push({ saved, memberVanished: false });
    }
  }
  for (const { tree } of gathered.vanished) {
    const all = Object.values(await readIndexOf(deps, tree));
    archived += all.length;
    for (const saved of all) if (!elsewhere.has(saved.id)) candidates.push({ saved, memberVanished: true });
  }
  return { candidates, archived };
}

async function proveGone(deps: Deps, portal: Portal, base: Head, candidates: readonly Candidate[]): Promise<Pruned> {
  const pruned = { removed: new Map<string, Saved>(), doubles: new Set<string>(), held: false, unlisted: false };
  const warnings = new Set<string>();
  const memberExists = once((owner: string) => portal.memberExists(owner));
  const indexOf = once(async (owner: string) => {
    const tree = await deps.repository.treeAt(base.tree, memberPath(owner));
    return readIndexOf(deps, tree ?? null);
  });
  for (const { saved, memberVanished } of candidates) {
    const { id, owner } = saved;
    try {
      if (memberVanished && (await memberExists(owner))) {
        pruned.unlisted = true;
        warnings.add(`${owner} is not in the list of members, but the portal still knows them: their items were kept.`);
        continue;
      }
      const item = await portal.item(id);
      if (item === undefined) pruned.removed.set(id, saved);
      else if (!isSame(item.owner, owner) && id in (await indexOf(item.owner))) pruned.doubles.add(`${owner}/${id}`);
      else {
        // One that changed hands is listed under its new owner the next time.
        pruned.unlisted ||= isSame(item.owner, owner);
        warnings.add(`${id} (${owner}) is in no listing, but the portal still has it: it was kept.`);
      }
    } catch (error) {
      const { code } = toFailure(error);
      warnings.add(`${id} (${owner}) is in no listing; the portal gave no clear answer (${code}): it was kept.`);
    }
  }
  return { ...pruned, warnings: [...warnings] };
}

// The portal may spell one username in several ways.
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Asks once for each key; an answer that failed is asked for again. */
function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, T>();
  return async (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await ask(key);
    answers.set(key, answer);
    return answer;
  };
}

function heldBack(count: number, archived: number): string {
  return `PRUNE_LIMIT: ${count} of ${archived} items are gone from the portal, more than BACKUP_PRUNE_LIMIT allows. Nothing was removed. If that is right, run \`ago-backup run --accept-prune\`, or POST {"acceptPrune": true} to /api/backups.`;
}
