import { says } from '../../backup/notes.ts';
import { isUndated, recordBytes } from '../../backup/record.ts';
import { largeName } from '../../archive/layout.ts';
import { isCode } from '../../errors.ts';
import { asStagedItem, readStagedEntries, readStagedHeader } from '../../archive/staged-item.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { sha256 } from '../../archive/sha256.ts';
import type { StagedItem } from '../../archive/staged-item.ts';
import type { WorkRef } from '../../backup/plan.ts';
import type { ExportTrouble } from './item-result.ts';
import type { Found } from '../../backup/found.ts';
import type { Deps } from '../deps.ts';

/**
 * Uses what a dead run staged of this very version of the item. True when it was there and is now staged for this run, also
 * by an earlier execution.
 * @param staged the blob's name in this run
 */
export async function reuseStaged(
  deps: Deps,
  { salvage, work, instead }: { salvage: readonly string[]; work: WorkRef; instead?: ExportTrouble | undefined },
  found: Found,
  staged: string,
): Promise<boolean> {
  if (salvage.length > 0 && (await deps.store.stat(staged)) !== undefined) return true;
  for (const runId of salvage) {
    const old = runBlobs(runId).staged(work.itemId);
    const header = await readWhole(deps, old);
    if (header === undefined || !isSameVersion(header, found)) continue;
    // A run that was ended could not export: its export was deleted. It may work now.
    if (instead === undefined && says(header.manifest.notes, 'ROWS_BY_QUERIES')) continue;
    if (await deps.store.copy(old, staged)) return true;
  }
  return false;
}

/** What somebody has staged who is dead, when all of it holds: a damaged blob would fail this run and every one after it. */
export async function readWhole(deps: Deps, old: string): Promise<StagedItem | undefined> {
  try {
    const staged = await readStagedHeader(deps.store, old);
    if (staged === undefined) return undefined;
    await readStagedEntries(deps.store, old, staged.entries);
    const header = asStagedItem(staged.header);
    return (await hasLargeParts(deps, header)) ? header : undefined;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

// What leans on files of the tree it was made for is not taken over, nor what lacks a part that may be had now.
function isSameVersion({ manifest, kept, gaps }: StagedItem, found: Found): boolean {
  const record = manifest.parts.find(({ role }) => role === 'record');
  return (
    kept.length === 0 &&
    (gaps ?? []).length === 0 &&
    found.step !== 'refresh' &&
    // Its rows may be others under the same stamp.
    found.undated === undefined &&
    !isUndated(found.item) &&
    (found.notOwn === undefined || manifest.notes.some(({ text }) => text === found.notOwn)) &&
    manifest.stamp === found.stamp &&
    manifest.folderId === found.folder.id &&
    manifest.folder === found.folder.title &&
    record?.sha256 === sha256(recordBytes(found.item))
  );
}

async function hasLargeParts(deps: Deps, { manifest }: StagedItem): Promise<boolean> {
  for (const { lfs, sha256: hash, size } of manifest.parts) {
    if (lfs && (await deps.store.stat(largeName(hash)))?.size !== size) return false;
  }
  return true;
}
