import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sha256 } from '../../archive/sha256.ts';
import type { Facts, IndexedCommit, ReadFolder, Uses } from '../history.ts';
import { noTree, SegmentCommit, type Place, type WrittenFolders } from './segment-commit.ts';

/**
 * A segment of the history index: what some commits changed, so that nobody needs to compare their trees. It follows from the
 * commits alone. Places (path and what the item was called) and what items name are written once for all versions that share them.
 */

/** What an item names, behind the address of the service that it is, or null. */
type Names = [string | null, ...string[]];

interface Written {
  format: 3;
  places: Place[];
  uses: Names[];
  commits: (Omit<IndexedCommit, 'content' | 'folders'> & WrittenFolders & { content: string | null })[];
}

/** The bytes of a segment. The same commits give the same bytes. */
export async function encodeSegment(commits: readonly IndexedCommit[]): Promise<Buffer> {
  return promisify(gzip)(segmentText(commits), { level: 6 });
}

/** What a segment says of some commits, as text. */
export function segmentText(commits: readonly IndexedCommit[]): string {
  const [places, uses] = [new Numbered<Place>(), new Numbered<Names>()];
  const placeOf = ({ path, facts }: ReadFolder) => places.numberOf([path, facts && namesOf(facts)]);
  const usesOf = (found: Uses | undefined) => found && uses.numberOf([found.service ?? null, ...found.names]);
  const written: Written['commits'] = commits.map(
    ({ oid: id, tree, content = null, parents, time, message, folders, taken }) => ({
      oid: id,
      tree,
      content,
      parents: [...parents],
      time,
      message,
      ...(taken && { taken }),
      folders: folders.flatMap((folder) => {
        const { facts } = folder;
        return [placeOf(folder), facts?.size ?? null, usesOf(facts?.uses) ?? null];
      }),
      trees: folders.map(({ tree = noTree }) => tree).join(''),
    }),
  );
  const segment: Written = { format: 3, places: places.all, uses: uses.all, commits: written };
  return JSON.stringify(segment);
}

function namesOf({ id, title, owner, folder, type, tags = [] }: Facts): NonNullable<Place[1]> {
  return [id, title, owner, folder, type, [...tags]];
}

/** Values, each once, with their numbers. */
class Numbered<T> {
  readonly all: T[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.all.length);
    return this.all.push(value) - 1;
  }
}

/** Reads a segment; undefined when the bytes are none. */
export async function decodeSegment(bytes: Buffer): Promise<IndexedCommit[] | undefined> {
  const text = await promisify(gunzip)(bytes, { maxOutputLength: mostBytes }).catch(() => undefined);
  if (text === undefined) return undefined;
  const found = parse(text);
  if (found === undefined) return undefined;
  const uses = found.uses.map(([service, ...names]): Uses => ({ names, ...(service !== null && { service }) }));
  const told = { places: found.places, uses };
  return found.commits.map(
    ({ content, folders, trees, ...rest }) =>
      new SegmentCommit({ ...rest, content: content ?? undefined }, { folders, trees }, told),
  );
}

/** Bytes; no history has a segment of that length, but a spoiled one may claim it. */
const mostBytes = 1024 * 1024 * 1024;

function parse(text: Buffer): Written | undefined {
  try {
    const found = JSON.parse(text.toString()) as Written;
    return isWhole(found) ? found : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

// Not a schema: half a million values would take longer to check than to read, and the name has their hash.
function isWhole({ format, places, uses, commits }: Written): boolean {
  const isPlace = (found: Place) => Array.isArray(found) && typeof found[0] === 'string';
  const isCommit = ({ oid, tree, parents, folders, trees }: Written['commits'][number]) =>
    [oid, tree, trees].every((id) => typeof id === 'string') && Array.isArray(parents) && Array.isArray(folders);
  return (
    format === 3 &&
    Array.isArray(places) &&
    places.every(isPlace) &&
    Array.isArray(uses) &&
    uses.every((names) => Array.isArray(names)) &&
    Array.isArray(commits) &&
    commits.every(isCommit)
  );
}

/** What a segment is called: its latest commit, how many it holds, how many there were up to that one, and its hash. */
export interface SegmentName {
  newest: string;
  count: number;
  total: number;
  hash: string;
}

/** The hash of a segment's bytes, for its name. */
export const hashOf = (bytes: Buffer) => sha256(bytes).slice(0, 32);

/** The name of a segment's blob, without its folder. */
export function segmentName({ newest, count, total, hash }: SegmentName): string {
  return `${newest}-${count}-${total}-${hash}.3.json.gz`;
}

/** Is it a segment as an older version of ago-backup made it? */
export function isOutdated(name: string): boolean {
  return /^[0-9a-f]{40}-\d+-\d+-[0-9a-f]{32}(\.2)?\.json\.gz$/.test(name);
}

/** Reads the name of a segment; undefined when it is none. */
export function readSegmentName(name: string): SegmentName | undefined {
  const found = /^([0-9a-f]{40})-(\d{1,9})-(\d{1,9})-([0-9a-f]{32})\.3\.json\.gz$/.exec(name);
  if (!found) return undefined;
  return { newest: found[1] ?? '', count: Number(found[2]), total: Number(found[3]), hash: found[4] ?? '' };
}
