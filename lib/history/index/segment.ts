import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sha256 } from '../../archive/sha256.ts';
import type { Facts, IndexedCommit, ReadFolder } from '../history.ts';

/**
 * A segment of the history index: what some commits changed, so that nobody needs to compare their trees. It follows from the
 * commits alone. Places (path and what the item was called) are written once for all versions of an item.
 */

/** Path, and id, title, owner, folder and type, or null where backup.json could not be read. */
type Place = [string, [string, string, string, string, string] | null];

interface Written {
  format: 1;
  places: Place[];
  commits: (Omit<IndexedCommit, 'content' | 'folders'> & {
    content: string | null;
    /** for each folder three: number of its place, id, bytes */
    folders: (number | string | null)[];
  })[];
}

/** The bytes of a segment. The same commits give the same bytes. */
export async function encodeSegment(commits: readonly IndexedCommit[]): Promise<Buffer> {
  const numbers = new Map<string, number>();
  const places: Place[] = [];
  const numberOf = ({ path, facts }: ReadFolder): number => {
    const found: Place = [path, facts && [facts.id, facts.title, facts.owner, facts.folder, facts.type]];
    const key = JSON.stringify(found);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, places.length);
    return places.push(found) - 1;
  };
  const written: Written['commits'] = commits.map(
    ({ oid: id, tree, content = null, parents, time, message, folders, taken }) => ({
      oid: id,
      tree,
      content,
      parents: [...parents],
      time,
      message,
      ...(taken && { taken }),
      folders: folders.flatMap((folder) => [numberOf(folder), folder.tree ?? null, folder.facts?.size ?? null]),
    }),
  );
  return promisify(gzip)(JSON.stringify({ format: 1, places, commits: written }), { level: 6 });
}

/** Reads a segment; undefined when the bytes are none. */
export async function decodeSegment(bytes: Buffer): Promise<IndexedCommit[] | undefined> {
  const text = await promisify(gunzip)(bytes, { maxOutputLength: mostBytes }).catch(() => undefined);
  if (text === undefined) return undefined;
  const found = parse(text);
  return found?.commits.map(({ content, folders, ...rest }) => ({
    ...rest,
    content: content ?? undefined,
    folders: Array.from({ length: folders.length / 3 }, (_, n) => folderOf(found.places, folders, n * 3)),
  }));
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
function isWhole({ format, places, commits }: Written): boolean {
  const isPlace = (found: Place) => Array.isArray(found) && typeof found[0] === 'string';
  const isCommit = ({ oid, tree, parents, folders }: Written['commits'][number]) =>
    [oid, tree].every((id) => typeof id === 'string') && Array.isArray(parents) && Array.isArray(folders);
  return (
    format === 1 && Array.isArray(places) && places.every(isPlace) && Array.isArray(commits) && commits.every(isCommit)
  );
}

function folderOf(places: Written['places'], folders: readonly (number | string | null)[], n: number): ReadFolder {
  const [path, names] = places[Number(folders[n])] ?? ['', null];
  const tree = folders[n + 1];
  const size = folders[n + 2];
  const facts: Facts | null = names && {
    ...{ id: names[0], title: names[1], owner: names[2], folder: names[3], type: names[4] },
    size: Number(size),
  };
  return { path, tree: typeof tree === 'string' ? tree : undefined, facts };
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
  return `${newest}-${count}-${total}-${hash}.json.gz`;
}

/** Reads the name of a segment; undefined when it is none. */
export function readSegmentName(name: string): SegmentName | undefined {
  const found = /^([0-9a-f]{40})-(\d{1,9})-(\d{1,9})-([0-9a-f]{32})\.json\.gz$/.exec(name);
  if (!found) return undefined;
  return { newest: found[1] ?? '', count: Number(found[2]), total: Number(found[3]), hash: found[4] ?? '' };
}
