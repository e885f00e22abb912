import { decodeCommit, type Commit } from '../../git/commit.ts';
import type { ObjectReader } from '../../git/object-reader.ts';

/** A commit, as far as it leads to others. */
export type Node = Omit<Commit, 'message'>;

/** Commits kept in memory: some twenty MB of them. */
const mostCommits = 50_000;

/** The commits of a repository, read once: they never change. */
export class CommitGraph {
  readonly #reader: ObjectReader;
  readonly #kept = new Map<string, Node>();

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  /** Undefined when it is not there, or is no commit. Throws STORE_DAMAGED. */
  async find(oid: string): Promise<Node | undefined> {
    const kept = this.#kept.get(oid);
    if (kept !== undefined) return kept;
    if ((await this.#reader.describe(oid))?.type !== 'commit') return undefined;
    const object = await this.#reader.read(oid);
    if (object === undefined) return undefined;
    const { message: _message, ...node } = decodeCommit(oid, object.bytes);
    if (this.#kept.size >= mostCommits) this.#kept.clear();
    this.#kept.set(oid, node);
    return node;
  }
}
