import { memberPath } from '../backup/paths.ts';
import type { Portal } from '../arcgis/portal.ts';
import { isWithinLimit } from '../backup/reconcile.ts';
import type { Saved } from '../backup/words.ts';
import { toFailure } from '../errors.ts';
import type { Head } from '../git/repository.ts';
import type { Gathered } from './gather.ts';
import { readIndexOf } from './index-of.ts';
import type { FinishInput } from '../backup/messages.ts';
import type { Parts } from './parts.ts';

/** What goes, and what stays although no listing holds it. */
export interface Pruned {
  /** by item id */
  removed: ReadonlyMap<string, Saved>;
  /** copies that lie under a former owner, while the archive has the item under its owner of now: `<owner>/<item id>` */
  doubles: ReadonlySet<string>;
  /** too much would have gone, so nothing did */
  held: boolean;
  warnings: string[];
}

/**
 * Finds the items that no member has any more and asks the portal for each of them: only what it says does not exist is
 * removed. A member's items go only when the portal says that the member does not exist either. What cannot be proved stays.
 */
export async function prune(
  parts: Parts,
  input: FinishInput,
  base: Head | undefined,
  gathered: Gathered,
): Promise<Pruned> {
  const { candidates, archived } = await findCandidates(parts, gathered, input.counts.archived);
  const none = { removed: new Map<string, Saved>(), doubles: new Set<string>(), held: false, warnings: [] };
  if (base === undefined || candidates.length === 0) return none;
  const accepted = input.request.acceptPrune === true;
  if (!isWithinLimit(candidates.length, archived, parts.rules.pruneLimit, accepted)) {
    return { ...none, held: true, warnings: [heldBack(candidates.length, archived)] };
  }
  const portal = await parts.portal(input.runId);
  const pruned = await proveGone(parts, portal, base, candidates);
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

async function findCandidates(parts: Parts, gathered: Gathered, checked: number) {
  const elsewhere = new Set([
    ...gathered.staged.map(({ manifest }) => manifest.id),
    ...gathered.failures.map(({ itemId }) => itemId),
  ]);
  const candidates: Candidate[] = [];
  let archived = checked;
  for (const { tree, ids } of gathered.missing) {
    const index = await readIndexOf(parts, tree);
    for (const id of ids) {
      const saved = index[id];
      if (saved && !elsewhere.has(id)) candidates.push({ saved, memberVanished: false });
    }
  }
  for (const { tree } of gathered.vanished) {
    const all = Object.values(await readIndexOf(parts, tree));
    archived += all.length;
    for (const saved of all) if (!elsewhere.has(saved.id)) candidates.push({ saved, memberVanished: true });
  }
  return { candidates, archived };
}

async function proveGone(parts: Parts, portal: Portal, base: Head, candidates: readonly Candidate[]): Promise<Pruned> {
  const removed = new Map<string, Saved>();
  const doubles = new Set<string>();
  const warnings: string[] = [];
  const members = new Map<string, boolean>();
  for (const { saved, memberVanished } of candidates) {
    try {
      if (memberVanished && !members.has(saved.owner)) members.set(saved.owner, await portal.memberExists(saved.owner));
      if (members.get(saved.owner) === true) continue;
      const item = await portal.item(saved.id);
      if (item === undefined) removed.set(saved.id, saved);
      else if (item.owner !== saved.owner && (await isArchived(parts, base, item.owner, saved.id))) {
        doubles.add(`${saved.owner}/${saved.id}`);
      } else warnings.push(`${saved.id} (${saved.owner}) is in no listing, but the portal still has it: it was kept.`);
    } catch (error) {
      const { code } = toFailure(error);
      warnings.push(
        `${saved.id} (${saved.owner}) is in no listing; the portal gave no clear answer (${code}): it was kept.`,
      );
    }
  }
  return { removed, doubles, held: false, warnings };
}

async function isArchived(parts: Parts, base: Head, owner: string, id: string): Promise<boolean> {
  const tree = await parts.repository.treeAt(base.tree, memberPath(owner));
  return tree !== undefined && id in (await readIndexOf(parts, tree));
}

function heldBack(count: number, archived: number): string {
  return `PRUNE_HELD: ${count} of ${archived} items are gone from the portal, more than BACKUP_PRUNE_LIMIT allows. Nothing was removed. If that is right, run \`ago-backup run --accept-prune\`.`;
}
