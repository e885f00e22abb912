import type { Commit } from '../git/commit.ts';
import { versionOf, type Change, type HistoryCommit, type ReadFolder, type State, type Version } from './history.ts';
import type { FolderList } from './index/segment-commit.ts';
import { Snapshot } from './snapshot.ts';

/**
 * A history without merges. What each commit changed is replayed, for all of them at once, when somebody asks for it.
 * @param commits newest first @param read the folders that each changed, from the first to the last
 */
export function straightHistory(commits: readonly Commit[], read: readonly FolderList[]) {
  let replayed: ReadonlyMap<string, Change>[] | undefined;
  const replay = () => {
    const snapshot = new Snapshot();
    return read.map((list) => snapshot.apply(Array.from({ length: list.count }, (_, n) => list.at(n))));
  };
  const told = commits.toReversed().map((commit, at): HistoryCommit => ({
    ...commit,
    unlike: new Map(),
    get changes() {
      return (replayed ??= replay())[at] ?? new Map<string, Change>();
    },
  }));
  return { commits: told.toReversed(), timeline: new Timeline(told, read) };
}

/** Folders of one commit, at most. An event is a commit's place, 0 for the first, times this, and which of its folders it is. */
const most = 2 ** 24;
const commitOf = (event: number) => Math.floor(event / most);

/**
 * What a straight history did, looked up item by item: who asks for one item lives through the commits that touched its folders, not
 * through all. It tells what replaying all of them tells.
 */
export class Timeline {
  /** from the first to the last */
  readonly #read: readonly FolderList[];
  readonly #commits: readonly HistoryCommit[];
  /** when a folder changed, by its path: numbers, for there are hundreds of thousands */
  readonly #events = new Map<string, number[]>();
  /** paths at which an item ever lay, in the order in which it came there */
  readonly #paths = new Map<string, Set<string>>();
  readonly #shared = new Set<string>();

  /** @param commits from the first to the last @param read the folders that each changed */
  constructor(commits: readonly HistoryCommit[], read: readonly FolderList[]) {
    this.#commits = commits;
    this.#read = read;
    const owners = new Map<string, string>();
    for (const [at, folders] of read.entries()) {
      for (let n = 0; n < folders.count; n++) {
        const path = folders.path(n);
        const events = this.#events.get(path);
        if (events === undefined) this.#events.set(path, [at * most + n]);
        else events.push(at * most + n);
        const id = folders.id(n);
        const owner = owners.get(path);
        if (id === undefined || id === owner) continue;
        if (owner !== undefined) this.#shared.add(path);
        owners.set(path, id);
        const paths = this.#paths.get(id);
        if (paths === undefined) this.#paths.set(id, new Set([path]));
        else paths.add(path);
      }
    }
  }

  /** The versions of an item up to a commit, newest first. @param last the commit's place */
  versions(id: string, last: number): Version[] {
    const events = [...(this.#paths.get(id) ?? [])].flatMap((path) => this.#events.get(path) ?? []);
    events.sort((a, b) => a - b);
    const snapshot = new Snapshot();
    const versions: Version[] = [];
    for (const [at, own] of Map.groupBy(events, commitOf)) {
      if (at > last) break;
      const folders = own.map((event) => this.#folder(event));
      const change = snapshot.apply(folders).get(id);
      if (change !== undefined) versions.unshift(this.#version(at, change));
    }
    return versions;
  }

  /** Of every item that was there at a commit or before: its last version then; what changed last comes first. @param last the commit's place */
  latest(last: number): Map<string, Version> {
    const found: [string, Version][] = [];
    for (const [id, paths] of this.#paths) {
      const [path = ''] = paths;
      const isPlain = paths.size === 1 && !this.#shared.has(path);
      const version = isPlain ? this.#lastAt(path, last) : this.versions(id, last)[0];
      if (version !== undefined) found.push([id, version]);
    }
    const age = new Map(this.#commits.map(({ oid }, at) => [oid, at]));
    const ageOf = ({ commit }: Version) => age.get(commit.oid) ?? 0;
    return new Map(found.sort(([, a], [, b]) => ageOf(b) - ageOf(a)));
  }

  /** The last version of the only item that ever lay at a path, which never lay elsewhere. */
  #lastAt(path: string, last: number): Version | undefined {
    const events = this.#events.get(path) ?? [];
    for (let k = events.length - 1; k >= 0; k--) {
      const at = commitOf(events[k] ?? 0);
      if (at > last) continue;
      const change = { before: this.#state(events, k - 1), after: this.#state(events, k) };
      if (change.before !== undefined || change.after !== undefined) return this.#version(at, change);
    }
    return undefined;
  }

  /** A folder whose backup.json cannot be read is still the item that it was. */
  #state(events: readonly number[], k: number): State | undefined {
    const event = events[k];
    if (event === undefined) return undefined;
    const { path, tree, facts } = this.#folder(event);
    if (tree === undefined) return undefined;
    if (facts !== null) return { ...facts, path, tree };
    const old = this.#state(events, k - 1);
    return old && { ...old, tree };
  }

  #folder(event: number): ReadFolder {
    const folders = this.#read[commitOf(event)];
    if (folders === undefined) throw new RangeError(`there is no commit ${commitOf(event)}`);
    return folders.at(event % most);
  }

  #version(at: number, change: Change): Version {
    const commit = this.#commits[at];
    if (commit === undefined) throw new RangeError(`there is no commit ${at}`);
    return versionOf(commit, change);
  }
}
