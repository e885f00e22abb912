import { jsonIn } from '../backup/json.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { namesOf } from '../storage/json-blobs.ts';
import { allFolds, foldName } from './layout.ts';
import { sha256 } from './sha256.ts';

/** What one thinning out of the history did to its commits. */
export interface Fold {
  /** where the branch was */
  from: string;
  /** and where it is since */
  to: string;
  /** new ids of the commits that stayed, by their old ones */
  renamed: Readonly<Record<string, string>>;
  /** by the id of each that went: the one that stands for it */
  folded: Readonly<Record<string, string>>;
}

/** What became of a commit. */
export interface Became {
  commit: string;
  /** it went, and that is the next later one that stayed */
  isFolded: boolean;
}

/** Writes down what becomes of the commits, before it does. May be called again. */
export async function writeFold(store: BlobStore, fold: Fold): Promise<void> {
  await store.put(foldName(fold.to), Buffer.from(JSON.stringify({ format: 1, ...fold, sha256: checksum(fold) })));
}

/** All that is written down; one that is spoiled tells nothing. */
export async function readFolds(store: BlobStore): Promise<Fold[]> {
  const names = await Array.fromAsync(namesOf(store.list(allFolds)));
  const blobs = await Promise.all(names.map((name) => store.get(name)));
  return blobs.flatMap((blob) => (blob && foldIn(blob.name, blob.bytes)) ?? []);
}

/** Reads one; undefined when it is damaged, or not what its name says. */
export function foldIn(name: string, bytes: Buffer): Fold | undefined {
  const {
    from,
    to,
    renamed,
    folded,
    sha256: told,
  } = (jsonIn(bytes.toString()) ?? {}) as Partial<Fold & { sha256: string }>;
  if (typeof from !== 'string' || typeof to !== 'string' || !isMap(renamed) || !isMap(folded)) return undefined;
  const fold = { from, to, renamed, folded };
  return told === checksum(fold) && name === foldName(to) ? fold : undefined;
}

function isMap(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
}

function checksum({ from, to, renamed, folded }: Fold): string {
  return sha256(Buffer.from(JSON.stringify([from, to, renamed, folded])));
}

/**
 * What became of the commit whose id begins so, as far as these say; nothing when they do not know it, or know several.
 * @param isThere is this commit in the history as it is now?
 */
export function becameOf(
  folds: readonly Fold[],
  prefix: string,
  isThere: (oid: string) => boolean,
): Became | undefined {
  const next = new Map<string, Became[]>();
  for (const { renamed, folded } of folds) {
    for (const [old, commit] of Object.entries(renamed)) add(next, old, { commit, isFolded: false });
    for (const [old, commit] of Object.entries(folded)) add(next, old, { commit, isFolded: true });
  }
  const fitting = [...next.keys()].filter((oid) => oid.startsWith(prefix));
  if (fitting.length !== 1) return undefined;
  const ways: Became[] = [{ commit: fitting[0] ?? '', isFolded: false }];
  const seen = new Set<string>();
  for (const { commit, isFolded } of ways) {
    if (isThere(commit)) return { commit, isFolded };
    if (seen.has(commit)) continue;
    seen.add(commit);
    for (const each of next.get(commit) ?? []) ways.push({ commit: each.commit, isFolded: isFolded || each.isFolded });
  }
  return undefined;
}

function add(next: Map<string, Became[]>, old: string, became: Became): void {
  next.set(old, [...(next.get(old) ?? []), became]);
}
