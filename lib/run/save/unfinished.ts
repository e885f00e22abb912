import { allUnfinishedRows, largeName, unfinishedName, unfinishedRowsName } from '../../archive/layout.ts';
import { pointer } from '../../archive/lfs.ts';
import { sha256 } from '../../archive/sha256.ts';
import type { LayerCounted } from '../../arcgis/layers/features.ts';
import type { Part } from '../../backup/item.ts';
import { jsonIn } from '../../backup/json.ts';
import type { Note } from '../../backup/notes.ts';
import type { Deps } from '../deps.ts';
import { useRoom, type Room, type Taken } from './stage-part.ts';

/** What one question to the portal came to, so that it need not be asked again: a part, a note in its place, or nothing. */
export interface Piece {
  taken?: Taken | undefined;
  note?: Note;
  /** of the rows of a layer: what was counted of them */
  counted?: LayerCounted;
  /** of a document of rows that is not whole yet: what there is of it, from its beginning */
  pieces?: readonly RowPiece[];
}

/** Some rows of a document, in a blob of their own. Plain data: it is kept between two activities. */
export interface RowPiece {
  /** of the blob */
  name: string;
  /** rows of the document up to the end of this piece */
  upTo: number;
  /** bytes */
  size: number;
  sha256: string;
  /** a secret of the session stood in it, and a mark took its place */
  isMarked: boolean;
}

/** The time of an activity is over before all parts of the item are there: it goes on in another one. */
export class OutOfTime extends Error {}

/** ms that an activity fetches parts before it hands over to the next one: none may take more than five minutes. */
const longest = 240_000;

/**
 * What was fetched of an item that takes long. Another activity goes on from there, or the run of another night, as long as the
 * item is still of this version. It lies in one blob, and rows in blobs beside it, which are swept when nobody has gone on with
 * them for 14 days.
 */
export class Unfinished {
  readonly #deps: Deps;
  readonly #itemId: string;
  readonly #version: string;
  readonly #begun: number;
  readonly #pieces = new Map<string, Piece>();
  #earlier: ReadonlyMap<string, Piece> = new Map();
  #isThere = false;
  #hasNew = false;
  #hasRows = false;

  /** @param version of the item: what was fetched of another one does not count */
  constructor(deps: Deps, itemId: string, version: string) {
    this.#deps = deps;
    this.#itemId = itemId;
    this.#version = version;
    this.#begun = deps.clock.now();
  }

  /** Goes on with what an earlier activity, or run, has left. What is damaged is fetched again. */
  async resume(): Promise<void> {
    const blob = await this.#deps.store.get(unfinishedName(this.#itemId));
    if (blob === undefined) return;
    this.#isThere = true;
    this.#earlier = decode(blob.bytes, this.#version);
  }

  /**
   * Answers with what was fetched before under this key, or fetches it now. What throws is not kept.
   * @param key names the part and all that tells one version of it from another
   * @throws OutOfTime before a question, once the time is over and something new is there
   */
  async once(key: string, room: Room, fetch: () => Promise<Piece>): Promise<Piece> {
    const earlier = this.#pieces.get(key) ?? (await this.#whole(key));
    if (earlier?.taken !== undefined) useRoom(room, earlier.taken.part);
    if (earlier === undefined) this.handOver();
    const piece = earlier ?? (await fetch());
    this.#hasNew ||= earlier === undefined;
    this.#pieces.set(key, piece);
    return piece;
  }

  /** Ends this activity if its time is over: what comes next takes long. Throws OutOfTime. */
  handOver(): void {
    if (this.#hasNew && this.#isOver) throw new OutOfTime();
  }

  get #isOver(): boolean {
    return this.#deps.clock.now() - this.#begun > longest;
  }

  /**
   * Should a document be cut that is being read since then (epoch ms)? When the time is over. But where all before it is asked for
   * in every activity, and took that long, it has a minute: else each would get through a page.
   */
  mayCut(since: number): boolean {
    return this.#isOver && (this.#hasNew || this.#deps.clock.now() - since > longest / 4);
  }

  /** A fresh name for rows of this item, which go when it is staged. */
  newRowsName(): string {
    this.#hasRows = true;
    return unfinishedRowsName(this.#itemId, this.#deps.random());
  }

  /** The pieces of a document of rows that is not whole yet; undefined when none is read in pieces. */
  rowsOf(key: string): readonly RowPiece[] | undefined {
    const name = nameOfRows(key);
    return (this.#pieces.get(name) ?? this.#earlier.get(name))?.pieces;
  }

  /** Remembers the pieces of a document of rows; none: from now on it is read in pieces. */
  keepRows(key: string, pieces: readonly RowPiece[]): void {
    this.#pieces.set(nameOfRows(key), { pieces });
    this.#hasNew = true;
  }

  /** Is it worth keeping although the item failed? */
  get tookLong(): boolean {
    return this.#hasNew && this.#deps.clock.now() - this.#begun > longest / 4;
  }

  /** Writes down what there is, for who goes on. */
  async keep(): Promise<void> {
    const all = new Map([...this.#earlier, ...this.#pieces]);
    await this.#deps.store.put(unfinishedName(this.#itemId), encode(this.#version, all));
  }

  /** The item is staged: nobody goes on. */
  async end(): Promise<void> {
    const { store } = this.#deps;
    if (this.#isThere) await store.delete(unfinishedName(this.#itemId));
    if (!this.#isThere && !this.#hasRows) return;
    for await (const { name } of store.list(allUnfinishedRows(this.#itemId))) await store.delete(name);
  }

  async #whole(key: string): Promise<Piece | undefined> {
    const found = this.#earlier.get(key);
    const part = found?.taken?.part;
    if (part === undefined || !part.lfs) return found;
    return (await this.#deps.store.stat(largeName(part.sha256)))?.size === part.size ? found : undefined;
  }
}

const nameOfRows = (key: string) => `rows of ${key}`;

interface Header {
  version: string;
  pieces: [key: string, piece: Omit<Piece, 'taken'> & { taken?: Omit<Taken, 'bytes'> }, length: number][];
}

/** A line of JSON, and the bytes of the parts behind it. */
function encode(version: string, all: ReadonlyMap<string, Piece>): Buffer {
  const bodies: Buffer[] = [];
  const pieces = [...all].map(([key, { taken, ...more }]): Header['pieces'][number] => {
    if (taken === undefined) return [key, more, 0];
    const { bytes, ...rest } = taken;
    if (taken.part.lfs) return [key, { ...more, taken: rest }, 0];
    bodies.push(bytes);
    return [key, { ...more, taken: rest }, bytes.length];
  });
  return Buffer.concat([Buffer.from(`${JSON.stringify({ version, pieces } satisfies Header)}\n`), ...bodies]);
}

/** Nothing where it is of another version; of what is damaged only what holds. */
function decode(bytes: Buffer, version: string): Map<string, Piece> {
  const end = bytes.indexOf(0x0a);
  const header = jsonIn(bytes.toString('utf8', 0, Math.max(0, end))) as Partial<Header> | undefined;
  const found = new Map<string, Piece>();
  if (header?.version !== version || !Array.isArray(header.pieces)) return found;
  let at = end + 1;
  for (const [key, { taken, ...more }, length] of header.pieces) {
    const body = bytes.subarray(at, at + length);
    at += length;
    if (taken === undefined) found.set(key, more);
    else if (taken.part.lfs) found.set(key, { ...more, taken: { ...taken, bytes: pointerOf(taken.part) } });
    else if (sha256(body) === taken.part.sha256) found.set(key, { ...more, taken: { ...taken, bytes: body } });
  }
  return found;
}

const pointerOf = ({ sha256: hash, size }: Part) => pointer(hash, size);
