import { manifestBytes, unchangedManifest } from '../../archive/item-manifest.ts';
import { isUndated, recordBytes } from '../../backup/record.ts';
import type { Manifest } from '../../backup/item.ts';
import { sortNotes, stillHold } from '../../backup/notes.ts';
import { attributesLine } from '../../archive/lfs.ts';
import { encodeStaged } from '../../archive/staged-item.ts';
import type { Log } from '../../monitor/log.ts';
import { refuseEnded, readRecord } from '../../archive/runs/run-record.ts';
import { sha256 } from '../../archive/sha256.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { itemWarnings } from './item-warnings.ts';
import { small, type Taken } from './stage-part.ts';
import { markedNotes } from './marked-notes.ts';
import type { StagedItem } from '../../archive/staged-item.ts';
import type { Found } from '../../backup/found.ts';
import type { WorkRef } from '../../backup/plan.ts';
import type { Deps } from '../deps.ts';
import { fetchParts } from './fetch-parts.ts';
import { reuseStaged } from './reuse-staged.ts';
import { usesOf } from './uses-of.ts';
import type { ItemParts } from './item-parts.ts';
import { type TemporaryExport, UnprovenExport } from './export/take-export.ts';
import { withExport } from './take-features.ts';
import type { RunStep } from '../../backup/run.ts';
import { readFound, failItem } from './found-item.ts';
import type { ItemResult, Unproven, ExportTrouble, GoesOn } from './item-result.ts';
import { OutOfTime, Unfinished } from './unfinished.ts';

/** saveItem's input. */
export interface SaveInput extends RunStep {
  work: WorkRef;
  salvage: readonly string[];
  exported?: TemporaryExport;
  /** why its rows are read by queries in place of an export */
  instead?: ExportTrouble;
  /** an earlier activity of this run has not got through with the item */
  goesOn?: true;
}

/**
 * Fetches one item's parts and stages them in one atomic write; of several executions the first that ends counts, whole.
 * What is wrong with the item is an answer; what is wrong with the store throws, and Durable tries again.
 */
export async function saveItem(deps: Deps, input: SaveInput, log: Log): Promise<ItemResult | Unproven | GoesOn> {
  const begun = deps.clock.now();
  if (input.goesOn) refuseEnded(await readRecord(deps.store, input.runId));
  const found = await readFound(deps, input.work);
  deps.atWork?.(found.item);
  const unfinished = new Unfinished(deps, found.item.id, versionOf(input, found));
  try {
    const { bytes, gaps } = await stageItem(deps, input, found, unfinished);
    for (const { code } of gaps)
      log({ event: 'item.gap', runId: input.runId, user: found.item.owner, itemId: found.item.id, code });
    const ms = deps.clock.now() - begun;
    log({ event: 'item.saved', runId: input.runId, user: found.item.owner, itemId: found.item.id, ms, bytes });
    return { ok: true, bytes };
  } catch (error) {
    if (error instanceof OutOfTime || unfinished.tookLong) await unfinished.keep();
    if (error instanceof OutOfTime) return { ok: false, goesOn: true };
    if (error instanceof UnprovenExport)
      return { ok: false, unproven: error.unproven, code: 'EXPORT_FAILED', message: error.message, hint: error.hint };
    return failItem(deps, input, found, withExport(error, input.instead), log);
  }
}

/** What must be the same for parts that were fetched before; of rows that may change unseen, the run. */
function versionOf({ runId }: SaveInput, { item, stamp, step, undated }: Found): string {
  const isSeen = undated === undefined && !isUndated(item);
  return `${sha256(recordBytes(item))} ${stamp} ${step}${isSeen ? '' : ` ${runId}`}`;
}

async function stageItem(deps: Deps, input: SaveInput, given: Found, unfinished: Unfinished) {
  // It could not be exported once more: the rows that the archive has are still the item's.
  const found: Found = given.retry && input.instead !== undefined ? { ...given, step: 'refresh' } : given;
  const staged = runBlobs(input.runId).staged(found.item.id);
  if (input.exported === undefined && (await reuseStaged(deps, input, found, staged))) return { bytes: 0, gaps: [] };
  const portal = await deps.portal(input.runId);
  if (input.goesOn || input.work.begun) await unfinished.resume();
  const fetched = await fetchParts(deps, portal, found, input, unfinished);
  const { taken, kept, gaps } = fetched;
  fetched.notes.push(...markedNotes(portal.redactor, found, taken));
  const size = taken.reduce((sum, { part }) => sum + part.size, 0);
  const said = manifestOf(found, fetched);
  const named = () => usesOf(deps, found, [...taken, recordOf(found)], kept);
  const manifest = unchangedManifest(found.saved, said) ?? { ...said, ...(await named()) };
  const files = filesOf(manifest, found, taken);
  const warnings = await itemWarnings(deps, found, manifest, taken);
  const header: StagedItem = {
    manifest,
    created: found.item.created,
    folderCreated: found.folder.created,
    files: files.map(([name]) => name),
    kept: kept.map(({ path }) => path),
    gaps,
    warnings,
    bytes: size,
  };
  const { bytes } = encodeStaged(
    header,
    files.map(([, content]) => content),
  );
  // What an execution that ended earlier staged is whole as well, and the last step may be reading it.
  await deps.store.put(staged, bytes, { absent: true });
  await unfinished.end();
  return { bytes: size, gaps };
}

function recordOf({ item }: Found): Taken {
  return small('record', 'item.json', recordBytes(item));
}

function manifestOf(found: Found, { taken, kept, layers, notes, gaps }: ItemParts): Manifest {
  const { item, folder, stamp, step, saved } = found;
  const parts = [...taken, recordOf(found)].map(({ part }) => part).concat(kept);
  const odd = taken.flatMap((each) => each.note ?? []);
  const still = stillHold(saved?.notes ?? [], kept, step === 'refresh');
  const named = gaps.map(({ part = '', code }) => ({ part, code })).sort((a, b) => (a.part < b.part ? -1 : 1));
  return {
    format: 1.1,
    id: item.id,
    owner: item.owner,
    folder: folder.title,
    folderId: folder.id,
    type: item.type,
    title: item.title ?? '',
    stamp,
    parts: parts.sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(layers && { layers }),
    notes: sortNotes([...notes, ...odd, ...still]),
    ...(named.length > 0 && { gaps: named }),
  };
}

/** Every file of the item's folder that git gets from this run, by name. */
function filesOf(manifest: Manifest, found: Found, taken: readonly Taken[]): [string, Buffer][] {
  const large = manifest.parts.filter(({ lfs }) => lfs).map(({ path }) => attributesLine(path));
  const files: [string, Buffer][] = [
    ['timestamp.txt', Buffer.from(manifest.stamp)],
    ['backup.json', manifestBytes(manifest)],
    ['item.json', recordBytes(found.item)],
    ...taken.map(({ part, bytes }): [string, Buffer] => [part.path, bytes]),
  ];
  if (large.length > 0) files.push(['.gitattributes', Buffer.from(large.join(''))]);
  return files;
}
