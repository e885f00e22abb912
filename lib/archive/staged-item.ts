import { crc32 } from 'node:zlib';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { encodeEntry, type PackEntry } from '../git/pack/pack-entry.ts';
import type { Manifest } from '../backup/item.ts';
import type { ItemFailure } from '../backup/run.ts';
import type { ContentWarning } from '../backup/warnings.ts';
import { readNotes } from './older-notes.ts';

/** What a staged blob says of itself. */
export interface StagedItem {
  manifest: Manifest;
  /** epoch ms */
  created: number;
  folderCreated: number;
  /** names of the files, in the order of the staged objects */
  files: readonly string[];
  /** files that stay as the base tree has them, by name */
  kept: readonly string[];
  /** what could not be had of it, for the report; an older version staged none */
  gaps?: readonly ItemFailure[];
  /** what it lost that the archive's version has; an older version staged none */
  warnings?: readonly ContentWarning[];
  /** fetched from the portal */
  bytes: number;
}

/** A staged item: where it lies, what it is, and the object id of each of its files. */
export interface Staged extends StagedItem {
  name: string;
  entries: readonly StagedEntry[];
}

/** An object inside a staged blob, ready to be copied into a pack. */
export interface StagedEntry {
  oid: string;
  /** bytes from the start of the blob */
  offset: number;
  /** bytes */
  length: number;
  crc: number;
}

/** What a staged blob says of itself: the caller's header, and its objects in the order they were given. */
export interface StagedBlob {
  header: unknown;
  entries: StagedEntry[];
}

const magic = Buffer.from('AGOSTAG2');
/** Magic, and length and checksum of the JSON that follows. */
const fixedLength = magic.length + 8;
/** Enough for nearly every header, in one request. */
const firstRead = 16_384;

/** One blob with a header of the caller's and files as pack entries, so that packing only copies; and the files' ids. */
export function encodeStaged(header: unknown, files: readonly Buffer[]): { bytes: Buffer; oids: string[] } {
  const packed = files.map((file) => encodeEntry('blob', file));
  const table = packed.map(({ oid, bytes, crc }) => [oid, bytes.length, crc]);
  const json = Buffer.from(JSON.stringify({ header, table }));
  const sums = Buffer.alloc(8);
  sums.writeUInt32BE(json.length);
  sums.writeUInt32BE(crc32(json), 4);
  const bytes = Buffer.concat([magic, sums, json, ...packed.map((entry) => entry.bytes)]);
  return { bytes, oids: packed.map(({ oid }) => oid) };
}

/** Reads what a staged blob holds without its files; undefined when it is not there. Throws STORE_DAMAGED. */
export async function readStagedHeader(store: BlobStore, name: string): Promise<StagedBlob | undefined> {
  const head = await store.get(name, { start: 0, length: firstRead });
  if (head === undefined) return undefined;
  const wanted = fixedLength + jsonLength(name, head.bytes);
  if (wanted <= head.bytes.length) return tableOf(name, head.bytes);
  const more = await store.get(name, { start: 0, length: wanted });
  return more && tableOf(name, more.bytes);
}

/**
 * The objects of a staged blob, checked: all of them, or those that are asked for. Throws STORE_DAMAGED, also when the blob
 * was replaced since its table was read.
 */
export async function readStagedEntries(
  store: BlobStore,
  name: string,
  entries?: readonly StagedEntry[],
): Promise<PackEntry[]> {
  const blob = await store.get(name);
  if (blob === undefined) throw damaged(name);
  return (entries ?? tableOf(name, blob.bytes).entries).map(({ oid, offset, length, crc }) => {
    const bytes = blob.bytes.subarray(offset, offset + length);
    if (bytes.length !== length || crc32(bytes) !== crc) throw damaged(name);
    return { oid, bytes, crc };
  });
}

function jsonLength(name: string, bytes: Buffer): number {
  if (bytes.length < fixedLength || !bytes.subarray(0, magic.length).equals(magic)) throw damaged(name);
  return bytes.readUInt32BE(magic.length);
}

function tableOf(name: string, bytes: Buffer): StagedBlob {
  const start = fixedLength + jsonLength(name, bytes);
  const json = bytes.subarray(fixedLength, start);
  if (json.length < start - fixedLength || crc32(json) !== bytes.readUInt32BE(magic.length + 4)) throw damaged(name);
  const { header, table } = JSON.parse(json.toString()) as { header: unknown; table: [string, number, number][] };
  let offset = start;
  const entries = table.map(([oid, length, crc]) => {
    const entry = { oid, offset, length, crc };
    offset += length;
    return entry;
  });
  return { header, entries };
}

function damaged(name: string): BackupError {
  // It may have been replaced while it was read: a second look finds one version whole.
  return new BackupError('STORE_DAMAGED', `The staged blob ${name} is missing or damaged.`, { retryable: true });
}

/** What a staged blob says of itself; an older version, which a new one may follow in the middle of a run, wrote sentences. */
export function asStagedItem(header: unknown): StagedItem {
  const staged = header as StagedItem;
  return { ...staged, manifest: { ...staged.manifest, notes: readNotes(staged.manifest.notes) } };
}

/** Reads what was staged of an item, without its files. Throws STORE_DAMAGED when it is not there. */
export async function readStaged(store: BlobStore, name: string): Promise<Staged> {
  const found = await readStagedHeader(store, name);
  if (found === undefined) throw new BackupError('STORE_DAMAGED', `${name} disappeared from ${store.address}.`);
  return { ...asStagedItem(found.header), name, entries: found.entries };
}
