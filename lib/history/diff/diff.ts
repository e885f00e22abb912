import type { Archive } from '../../archive/archive.ts';
import { stateOf, type History, type HistoryCommit } from '../history.ts';
import { groupTitles } from '../show.ts';
import type { Seen } from '../version-at.ts';
import { itemChanges, type ItemChange } from './item-changes.ts';

/** What two versions of an item do not have in common. */
export interface ItemDiff {
  item: { itemId: string; title: string; owner: string; type: string };
  from: { commit: string; time: string };
  to: { commit: string; time: string };
  changes: ItemChange[];
}

/** An item that is not the same at two times. */
export interface ChangedItem {
  itemId: string;
  title: string;
  owner: string;
  type: string;
  /** always null: the item as a whole */
  part: null;
  kind: 'added' | 'removed' | 'changed' | 'moved';
  path: string;
  /** its path; null where it was not there */
  before: string | null;
  after: string | null;
}

const pointOf = ({ oid, time }: HistoryCommit) => ({ commit: oid, time: new Date(time).toISOString() });

/** Compares two versions of an item. */
export async function diffItem(archive: Archive, from: Seen, to: Seen): Promise<ItemDiff> {
  const { id, title, owner, type } = to.after;
  const groups = new Map([...(await groupTitles(archive, from.commit)), ...(await groupTitles(archive, to.commit))]);
  return {
    item: { itemId: id, title, owner, type },
    from: pointOf(from.commit),
    to: pointOf(to.commit),
    changes: await itemChanges(archive, from.after, to.after, groups),
  };
}

/** Which items are not the same at two times, by path. */
export function diffItems(history: History, from: HistoryCommit, to: HistoryCommit) {
  const [old, now] = [history.latest(from), history.latest(to)];
  const changes: ChangedItem[] = [];
  for (const id of new Set([...now.keys(), ...old.keys()])) {
    const before = old.get(id)?.after;
    const after = now.get(id)?.after;
    if (before?.tree === after?.tree && before?.path === after?.path) continue;
    const { title, owner, type, path } = stateOf({ before, after });
    const kind =
      before === undefined
        ? 'added'
        : after === undefined
          ? 'removed'
          : before.path === after.path
            ? 'changed'
            : 'moved';
    const places = { before: before?.path ?? null, after: after?.path ?? null };
    changes.push({ itemId: id, title, owner, type, part: null, kind, path, ...places });
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { from: pointOf(from), to: pointOf(to), changes };
}
