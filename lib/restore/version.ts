import type { Archive } from '../archive/archive.ts';
import { largeName } from '../archive/layout.ts';
import { sha256 } from '../archive/sha256.ts';
import { createHash } from 'node:crypto';
import type { Manifest, Part } from '../backup/item.ts';
import { BackupError } from '../errors.ts';
import { findPart, jsonFile, manifestOf, recordOf } from '../history/item-files.ts';
import type { Sharing } from '../arcgis/writing/writing.ts';
import type { Fields } from './record.ts';
import { readSharing } from './sharing.ts';

/** Where a version of an item lies in the archive. */
export interface VersionAt {
  itemId: string;
  commit: string;
  /** id of its folder's tree */
  tree: string;
}

/** One version of an item, as it goes back. */
export interface Version extends VersionAt {
  manifest: Manifest;
  record: Fields;
  /** undefined where the portal told it to nobody but the owner */
  sharing: Sharing | undefined;
}

/** Reads a version. Throws RESTORE_DAMAGED when what it consists of cannot be read. */
export async function readVersion(archive: Archive, at: VersionAt): Promise<Version> {
  const [manifest, record] = [await manifestOf(archive, at), await recordOf(archive, at)];
  if (manifest === undefined || record === undefined)
    throw new BackupError('RESTORE_DAMAGED', `The version of ${at.itemId} in commit ${at.commit} cannot be read.`);
  const sharing = await jsonFile(archive, at, 'sharing.json');
  return { ...at, manifest, record, sharing: readSharing(sharing as { access?: unknown } | undefined) };
}

/** The version with these categories in place of its own; null: with its own. */
export function withCategories(version: Version, categories: readonly string[] | null): Version {
  return categories === null ? version : { ...version, record: { ...version.record, categories } };
}

/** The paths of parts whose bytes are not what backup.json says. Reads every byte. */
export async function damagedParts(archive: Archive, version: Version): Promise<string[]> {
  const damaged: string[] = [];
  for (const part of version.manifest.parts) if (!(await isSound(archive, version, part))) damaged.push(part.path);
  return damaged;
}

async function isSound(archive: Archive, version: Version, part: Part): Promise<boolean> {
  const source = await findPart(archive, version, part);
  if (typeof source === 'string') return false;
  if ('bytes' in source) return true;
  const found = await archive.store.stream(source.large);
  if (found?.info.size !== part.size) return false;
  const hash = createHash('sha256');
  for await (const piece of found.body) hash.update(piece);
  return hash.digest('hex') === part.sha256;
}

/** All bytes of a part. Throws RESTORE_DAMAGED. */
export async function bytesOf(archive: Archive, version: Version, part: Part): Promise<Buffer> {
  const source = await findPart(archive, version, part);
  const bytes =
    typeof source === 'string'
      ? undefined
      : 'bytes' in source
        ? source.bytes
        : (await archive.store.get(source.large))?.bytes;
  if (bytes !== undefined && sha256(bytes) === part.sha256) return bytes;
  throw new BackupError('RESTORE_DAMAGED', `${part.path} of ${version.itemId} is not what backup.json says.`);
}

/** The bytes of a part that is a file of its own in the archive, from one on, as they come. Throws RESTORE_DAMAGED. */
export async function* readPiece(
  archive: Archive,
  part: Part,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const found = await archive.store.stream(largeName(part.sha256), { start, length });
  let size = 0;
  for await (const piece of found?.body ?? []) {
    size += piece.length;
    if (size <= length) yield piece;
  }
  if (size === length) return;
  throw new BackupError('RESTORE_DAMAGED', `${part.path} is missing in the archive, or has another length.`);
}
