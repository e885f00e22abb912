import type { Fold } from '../archive/folds.ts';
import type { Commit } from '../git/commit.ts';
import type { Timeline } from './timeline.ts';

/** What backup.json says of an item, as far as lists need it. */
export interface Facts {
  id: string;
  title: string;
  owner: string;
  /** the folder's title; `None` outside any folder */
  folder: string;
  type: string;
  /** bytes of all its parts; 0 in commits of the old script, which wrote none down */
  size: number;
  /** of its record; undefined where the history index does not tell */
  tags?: readonly string[] | undefined;
  /** undefined where neither backup.json nor the history index tells */
  uses?: Uses | undefined;
}

/** What an item names, and how others name it, as backup.json has it. */
export interface Uses {
  /** ids of items, and addresses of services */
  names: readonly string[];
  /** address of the service that it is */
  service?: string | undefined;
}

/** An item as one commit has it. */
export interface State extends Facts {
  /** of its folder, from the root of the archive */
  path: string;
  /** id of its folder */
  tree: string;
}

/** An item's folder that a commit changed. */
export interface ReadFolder {
  /** from the root of the archive */
  path: string;
  /** id of the folder; undefined when it is gone */
  tree: string | undefined;
  /** null when it is gone, or its backup.json cannot be read */
  facts: Facts | null;
}

/** A commit, and what it changed; all of it follows from the commit. */
export interface IndexedCommit extends Commit {
  /** what holds its items, as `itemsIn` says it */
  content: string | undefined;
  /** compared with the first parent */
  folders: readonly ReadFolder[];
  /** of a take-over: the items that folders of the old script hold, by path */
  taken?: Taken;
}

/** Ids of items, by the folders in which the old script kept them. */
export type Taken = Readonly<Record<string, string>>;

/** What a commit did to an item: it appeared without `before`, and went without `after`. */
export interface Change {
  before: State | undefined;
  after: State | undefined;
}

/** A commit, and which items it changed. */
export interface HistoryCommit extends Commit {
  /** by item id, compared with the first parent */
  changes: ReadonlyMap<string, Change>;
  taken?: Taken;
  /** of a merge: ids of the items that differ from each of the other parents */
  unlike: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A commit at which an item became what it then was. */
export interface Version extends Change {
  commit: HistoryCommit;
  op: 'added' | 'changed' | 'moved' | 'removed';
}

/**
 * Everything that ever was in the archive, item by item. An item is its id: another title, folder, owner or type keeps one
 * history. Where a person merged, an item's history is that of the side from which the merge took it, as `git log` has it.
 * https://git-scm.com/docs/git-log#_history_simplification
 */
export class History {
  /** children before their parents; the first is the branch */
  readonly commits: readonly HistoryCommit[];
  /** what could not be read, each a sentence; then the history has less than there was */
  readonly damages: readonly string[];
  /** what became of commits that were thinned out; undefined as long as nobody asked */
  readonly folds: readonly Fold[] | undefined;
  readonly #places: ReadonlyMap<string, number>;
  readonly #isLinear: boolean;

  /** the same, looked up item by item; only of a history without merges */
  readonly timeline: Timeline | undefined;

  constructor(
    commits: readonly HistoryCommit[],
    damages: readonly string[] = [],
    folds?: readonly Fold[],
    timeline?: Timeline,
  ) {
    this.commits = commits;
    this.damages = damages;
    this.folds = folds;
    this.timeline = timeline;
    this.#places = new Map(commits.map(({ oid }, place) => [oid, place]));
    this.#isLinear = commits.every(({ parents }) => parents.length < 2);
  }

  /** The latest commit; undefined when there is none. */
  get head(): HistoryCommit | undefined {
    return this.commits[0];
  }

  /** Of every item that was there at a commit or before: the version at which it became what it then was. */
  latest(at: HistoryCommit | undefined = this.head): Map<string, Version> {
    if (this.timeline !== undefined && at !== undefined) return this.timeline.latest(this.#ageOf(at));
    const found = new Map<string, Version>();
    for (const commit of this.#since(at)) {
      for (const [id, change] of commit.changes) {
        if (found.has(id)) continue;
        const version = this.#isLinear ? versionOf(commit, change) : this.versions(id, at)[0];
        if (version !== undefined) found.set(id, version);
      }
    }
    return found;
  }

  /** The versions of an item up to a commit, newest first; none when it was not there yet. */
  versions(id: string, at: HistoryCommit | undefined = this.head): Version[] {
    if (this.timeline !== undefined && at !== undefined) return this.timeline.versions(id, this.#ageOf(at));
    const versions: Version[] = [];
    const followed = new Set(at && [at.oid]);
    for (const commit of this.#since(at)) {
      if (!followed.has(commit.oid)) continue;
      const change = commit.changes.get(id);
      const same = commit.parents.find((parent, n) =>
        n === 0 ? change === undefined : commit.unlike.get(parent)?.has(id) !== true,
      );
      if (same !== undefined) followed.add(same);
      else for (const parent of commit.parents) followed.add(parent);
      if (same === undefined && change !== undefined) versions.push(versionOf(commit, change));
    }
    return versions;
  }

  /** The last version that is no removal: what there is to see of an item. */
  static lastSeen(versions: readonly Version[]): (Version & { after: State }) | undefined {
    return versions.find((version): version is Version & { after: State } => version.after !== undefined);
  }

  /** Of the first commit 0. */
  #ageOf({ oid }: HistoryCommit): number {
    return this.commits.length - 1 - (this.#places.get(oid) ?? 0);
  }

  #since(at: HistoryCommit | undefined): readonly HistoryCommit[] {
    return at === undefined ? [] : this.commits.slice(this.#places.get(at.oid) ?? 0);
  }
}

/** What a commit did to an item. */
export function versionOf(commit: HistoryCommit, change: Change): Version {
  const { before, after } = change;
  const op =
    before === undefined ? 'added' : after === undefined ? 'removed' : before.path === after.path ? 'changed' : 'moved';
  return { commit, op, ...change };
}

/** What is or was: the item as a version leaves it, or as it was before it went. */
export function stateOf({ before, after }: Change): State {
  const state = after ?? before;
  if (state === undefined) throw new TypeError('a version without an item');
  return state;
}
