import type { Facts, IndexedCommit, ReadFolder, Taken, Uses } from '../history.ts';

/** Path, and id, title, owner, folder, type and tags, or null where backup.json could not be read. */
export type Place = [string, [string, string, string, string, string, string[]] | null];

/** The folders that a commit changed, without making something of each. */
export interface FolderList {
  count: number;
  path(n: number): string;
  /** undefined where backup.json could not be read */
  id(n: number): string | undefined;
  at(n: number): ReadFolder;
}

/** What a segment has of the folders of a commit. */
export interface WrittenFolders {
  /** for each folder three: number of its place, bytes, number of what it names */
  folders: (number | null)[];
  /** their ids, one behind the other, in one text because a history has hundreds of thousands */
  trees: string;
}

/** Stands for the id of a folder that is gone. */
export const noTree = '0'.repeat(40);

/** A commit as a segment has it: its folders are read when somebody asks for them. */
export class SegmentCommit implements IndexedCommit, FolderList {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly time: number;
  readonly message: string;
  readonly content: string | undefined;
  readonly taken?: Taken;
  readonly #places: readonly Place[];
  readonly #uses: readonly Uses[];
  readonly #written: WrittenFolders;

  constructor(
    { oid, tree, parents, time, message, content, taken }: Omit<IndexedCommit, 'folders'>,
    written: WrittenFolders,
    { places, uses }: { places: readonly Place[]; uses: readonly Uses[] },
  ) {
    this.oid = oid;
    this.tree = tree;
    this.parents = parents;
    this.time = time;
    this.message = message;
    this.content = content;
    if (taken !== undefined) this.taken = taken;
    this.#written = written;
    this.#places = places;
    this.#uses = uses;
  }

  get count(): number {
    return this.#written.trees.length / noTree.length;
  }

  get folders(): readonly ReadFolder[] {
    return Array.from({ length: this.count }, (_, n) => this.at(n));
  }

  path(n: number): string {
    return this.#place(n)[0];
  }

  id(n: number): string | undefined {
    return this.#place(n)[1]?.[0];
  }

  at(n: number): ReadFolder {
    const [path, names] = this.#place(n);
    const { folders, trees } = this.#written;
    const [size, named] = [folders[n * 3 + 1], folders[n * 3 + 2]];
    const tree = trees.slice(n * noTree.length, (n + 1) * noTree.length);
    const facts: Facts | null = names && {
      ...{ id: names[0], title: names[1], owner: names[2], folder: names[3], type: names[4] },
      tags: names[5],
      size: Number(size),
      uses: typeof named === 'number' ? this.#uses[named] : undefined,
    };
    return { path, tree: tree === noTree ? undefined : tree, facts };
  }

  #place(n: number): Place {
    return this.#places[Number(this.#written.folders[n * 3])] ?? ['', null];
  }
}

/** The folders of a commit, wherever it was read. */
export function folderList(commit: IndexedCommit): FolderList {
  if (commit instanceof SegmentCommit) return commit;
  const { folders } = commit;
  const at = (n: number) => folders[n] ?? { path: '', tree: undefined, facts: null };
  return { count: folders.length, path: (n) => at(n).path, id: (n) => at(n).facts?.id, at };
}
