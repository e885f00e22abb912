import { assignPaths, type Arrival } from './names/paths.ts';
import type { Index, Saved } from './item.ts';

/** What happened to one item of the tree in this run. */
export type Fate = 'added' | 'changed' | 'unchanged' | 'removed';

/** One member's part of the tree before and after. */
export interface MemberChange {
  username: string;
  /** what the tree will hold, by item id */
  items: Record<string, Saved>;
  /** paths, relative to the member's folder, that go */
  gone: readonly string[];
  /** saved items, with the path each gets */
  placed: readonly { id: string; path: string; before: Saved | undefined }[];
}

/**
 * One member's next index: what arrived finds its place, what was removed or went to another member goes, everything
 * else stays as it is.
 * @param leaving ids that were proved gone, or that were saved under another member in this run
 */
export function reconcileMember(
  username: string,
  index: Index,
  arrivals: readonly Arrival[],
  leaving: ReadonlySet<string>,
): MemberChange {
  const stays = Object.fromEntries(Object.entries(index).filter(([id]) => !leaving.has(id)));
  const paths = assignPaths(arrivals, stays);
  const items: Record<string, Saved> = { ...stays };
  const placed = arrivals.map(({ manifest }) => {
    const path = paths.get(manifest.id) ?? '';
    items[manifest.id] = { ...manifest, path };
    return { id: manifest.id, path, before: stays[manifest.id] };
  });
  const kept = new Set(Object.values(items).map(({ path }) => path));
  const gone = Object.values(index)
    .map(({ path }) => path)
    .filter((path) => !kept.has(path));
  return { username, items, gone, placed };
}

/** Items that no complete listing of this run held, of a member that was listed or is gone. */
export interface Missing {
  itemId: string;
  owner: string;
}

/**
 * May these be removed, if the portal says that they are gone? Above the limit, and above ten, nothing is: so much at
 * once is more often an account that lost its rights than a wish.
 */
export function isWithinLimit(removals: number, archived: number, limit: number, accepted: boolean): boolean {
  return accepted || removals <= 10 || removals <= limit * archived;
}

/** What the sums of a run are made of. */
export interface Sums {
  listed: number;
  added: number;
  changed: number;
  unchanged: number;
  excluded: number;
  failed: number;
}

/** Is every listed item accounted for, once? */
export function sumsClose({ listed, added, changed, unchanged, excluded, failed }: Sums): boolean {
  return listed === added + changed + unchanged + excluded + failed;
}
