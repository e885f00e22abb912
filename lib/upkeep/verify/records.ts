import { jsonIn } from '../../backup/json.ts';
import { readNote } from '../maintain/dead-packs.ts';
import { readHolder } from '../../archive/runs/run-holder.ts';
import { listsIn } from '../../archive/runs/run-lists.ts';
import { foldIn } from '../../archive/folds.ts';
import { allFolds, allLists, allRestores, allRetired, allRuns, runningName } from '../../archive/layout.ts';
import type { Blob, BlobStore } from '../../storage/blob-store.ts';
import { notice, type Finding } from './finding.ts';

/** Files that are read at the same time. */
const atOnce = 16;

/** What runs have written down of their end, and merges of what they replaced, can be read. */
export async function* verifyRecords(store: BlobStore): AsyncGenerator<Finding> {
  for await (const { name, bytes } of readFolder(store, allRuns)) {
    const runId = /\/([0-9a-f-]{36})\.json$/.exec(name)?.[1];
    if (runId === undefined || runIdOf(bytes) === runId) continue;
    const cure = 'Run `ago-backup repair`, or delete the blob: no run needs it.';
    yield notice(`The run record ${name} is damaged.`, cure, { do: 'aside', name });
  }
  for await (const { name, bytes } of readFolder(store, allLists)) {
    const runId = /\/([0-9a-f-]{36})\.json$/.exec(name)?.[1];
    if (runId === undefined || listsIn(bytes, runId) !== undefined) continue;
    const cure = 'Run `ago-backup repair`, or delete the blob: no run needs it.';
    yield notice(`The lists of a run, ${name}, are damaged.`, cure, { do: 'aside', name });
  }
  for await (const { name, bytes } of readFolder(store, allFolds)) {
    if (foldIn(name, bytes) !== undefined) continue;
    const cure = 'Run `ago-backup repair`, or delete the blob: only old ids of commits are not understood without it.';
    yield notice(`${name} is damaged.`, cure, { do: 'aside', name });
  }
  if ((await store.stat(runningName)) !== undefined && (await readHolder(store)) === undefined) {
    const cure = 'Run `ago-backup repair`, or delete the blob: the next run writes it anew.';
    yield notice(`${runningName} is damaged.`, cure, { do: 'aside', name: runningName });
  }
  for await (const { name } of store.list(allRestores)) {
    const blob = await store.get(name);
    if (blob === undefined || jsonIn(blob.bytes.toString()) !== undefined) continue;
    const cure =
      'In Azure, bring back an earlier version of the blob; else this restore can be neither resumed nor undone.';
    yield notice(`The journal of a restore is damaged: ${name}.`, cure);
  }
  for await (const { name, bytes } of readFolder(store, allRetired))
    if (readNote(bytes) === undefined)
      yield notice(`${name} is damaged.`, 'Nothing to do: no pack is deleted until it is 14 days old and goes itself.');
}

/** The files directly in a folder. */
async function* readFolder(store: BlobStore, folder: string): AsyncGenerator<Blob> {
  const all = await Array.fromAsync(store.list(folder), ({ name }) => name);
  const names = all.filter((name) => !name.slice(folder.length).includes('/'));
  for (let at = 0; at < names.length; at += atOnce) {
    const blobs = await Promise.all(names.slice(at, at + atOnce).map((name) => store.get(name)));
    yield* blobs.filter((blob) => blob !== undefined);
  }
}

function runIdOf(bytes: Buffer): unknown {
  return (jsonIn(bytes.toString()) as { runId?: unknown } | null | undefined)?.runId;
}
