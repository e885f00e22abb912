import fc from 'fast-check';
import { infoPacks } from '../../lib/git/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';

/** One thing that can happen to a file of an archive. `file` and `at` choose which, and where. */
export interface Harm {
  how: 'emptied' | 'cut to a byte' | 'cut' | 'swapped' | "its neighbour's bytes" | 'lost' | 'flipped' | 'a line lost';
  /** 0 to 1: of the kinds of files */
  kind: number;
  /** 0 to 1: of the files of that kind */
  file: number;
  /** 0 to 1: of its bytes or lines */
  at: number;
}

// Else small numbers come more often, and with them the first file.
const share = fc.noBias(fc.nat(9999)).map((n) => n / 10_000);

const anyHarm: fc.Arbitrary<Harm> = fc.record({
  how: fc.constantFrom(
    'emptied',
    'cut to a byte',
    'cut',
    'swapped',
    "its neighbour's bytes",
    'lost',
    'flipped',
    'flipped',
    'a line lost',
  ),
  kind: share,
  file: share,
  at: share,
});

/** Files of one kind: only among these are any swapped. Where the archive hangs on one file, that file is a kind. */
const kinds: readonly RegExp[] = [
  /^objects\/pack\/.*\.pack$/,
  /^objects\/pack\/.*\.pack$/,
  /^objects\/pack\/.*\.idx$/,
  /^lfs\//,
  /^objects\/info\/packs$/,
  /^refs\/heads\/main$/,
  /^(HEAD|config|info\/refs|refs\/heads\/main)$/,
  /^ago-backup\/runs\/[^/]*\.json$/,
  /^ago-backup\/(index|retired|runs\/[^/]+)\/./,
];

/** Does harm to a store. A sentence about what it was. */
export async function doHarm(store: BlobStore, { how, kind, file, at }: Harm): Promise<string> {
  const all = await Array.fromAsync(store.list(''), ({ name }) => name);
  const wanted = kinds[Math.floor(kind * kinds.length)] ?? /./;
  const names = all.filter((name) => wanted.test(name));
  const name = how === 'a line lost' ? infoPacks : names[Math.floor(file * names.length)];
  const blob = name === undefined ? undefined : await store.get(name);
  if (name === undefined || blob === undefined) return 'nothing';
  // Of the same kind when it is swapped: what a file of another kind held is nobody's to find.
  const near = how === "its neighbour's bytes" && at > 0.5 ? all : names;
  const neighbour = near[(near.indexOf(name) + 1) % near.length] ?? name;
  const other = (await store.get(neighbour))?.bytes ?? Buffer.alloc(0);
  const place = Math.floor(at * blob.bytes.length);
  switch (how) {
    case 'emptied':
      await store.put(name, Buffer.alloc(0));
      break;
    case 'cut to a byte':
      await store.put(name, blob.bytes.subarray(0, 1));
      break;
    case 'cut':
      await store.put(name, blob.bytes.subarray(0, place));
      break;
    case 'swapped':
      await store.put(neighbour, blob.bytes);
      await store.put(name, other);
      break;
    case "its neighbour's bytes":
      await store.put(name, other);
      break;
    case 'lost':
      await store.delete(name);
      break;
    case 'flipped': {
      const bytes = Buffer.from(blob.bytes);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (place % 8));
      await store.put(name, bytes);
      break;
    }
    case 'a line lost': {
      const lines = blob.bytes.toString().split('\n');
      lines.splice(Math.floor(at * Math.max(1, lines.length - 2)), 1);
      await store.put(name, Buffer.from(lines.join('\n')));
    }
  }
  return `${name} ${how} (${neighbour}, ${place})`;
}

/** One harm, or more often two at once. */
export const anyHarms: fc.Arbitrary<Harm[]> = fc.oneof(
  { weight: 1, arbitrary: fc.array(anyHarm, { minLength: 1, maxLength: 1 }) },
  { weight: 3, arbitrary: fc.array(anyHarm, { minLength: 2, maxLength: 2 }) },
);
