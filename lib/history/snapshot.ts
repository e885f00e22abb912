import type { Change, ReadFolder, State } from './history.ts';

/**
 * All items of one commit. The archive may have an item twice for a while: its copy under a former owner stays until that
 * owner could be listed. Then the one that came last is the item.
 */
export class Snapshot {
  readonly #byPath: Map<string, State>;
  /** paths in the order in which they came */
  readonly #byId: Map<string, readonly string[]>;

  constructor(other?: Snapshot) {
    this.#byPath = new Map(other && other.#byPath);
    this.#byId = new Map(other && other.#byId);
  }

  /** The item as it is now. */
  get(id: string): State | undefined {
    const path = this.#byId.get(id)?.at(-1);
    return path === undefined ? undefined : this.#byPath.get(path);
  }

  /** Takes in what a commit changed; what that did to which items. */
  apply(folders: readonly ReadFolder[]): Map<string, Change> {
    const before = new Map<string, State | undefined>();
    const touch = (id: string) => void (before.has(id) || before.set(id, this.get(id)));
    const states = folders.map((folder) => ({ path: folder.path, state: this.#stateOf(folder) }));
    for (const { path, state } of states) {
      const old = this.#byPath.get(path);
      if (old !== undefined) touch(old.id);
      if (state !== undefined) touch(state.id);
    }
    // Nearly always the item stays where it was, and is nowhere else.
    const moved = states.filter(({ path, state }) => !this.#stays(path, state));
    for (const { path } of moved) this.#remove(path);
    for (const { path, state } of moved) if (state !== undefined) this.#put(path, state);
    const changes = new Map<string, Change>();
    for (const [id, old] of before) {
      const now = this.get(id);
      if (!isSame(old, now)) changes.set(id, { before: old, after: now });
    }
    return changes;
  }

  /** Ids of the items that are not the same in another commit. */
  unlike(other: Snapshot): Set<string> {
    const ids = new Set([...this.#byId.keys(), ...other.#byId.keys()]);
    return new Set([...ids].filter((id) => !isSame(this.get(id), other.get(id))));
  }

  /** A folder whose backup.json cannot be read is still the item that it was. */
  #stateOf({ path, tree, facts }: ReadFolder): State | undefined {
    if (tree === undefined) return undefined;
    if (facts !== null) return { ...facts, path, tree };
    const old = this.#byPath.get(path);
    return old && { ...old, tree };
  }

  #stays(path: string, state: State | undefined): boolean {
    if (state === undefined || this.#byPath.get(path)?.id !== state.id) return false;
    if (this.#byId.get(state.id)?.length !== 1) return false;
    this.#byPath.set(path, state);
    return true;
  }

  #remove(path: string): void {
    const id = this.#byPath.get(path)?.id;
    if (id === undefined) return;
    this.#byPath.delete(path);
    const left = (this.#byId.get(id) ?? []).filter((each) => each !== path);
    if (left.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, left);
  }

  #put(path: string, state: State): void {
    this.#byPath.set(path, state);
    this.#byId.set(state.id, [...(this.#byId.get(state.id) ?? []), path]);
  }
}

function isSame(a: State | undefined, b: State | undefined): boolean {
  return a?.tree === b?.tree && a?.path === b?.path;
}
