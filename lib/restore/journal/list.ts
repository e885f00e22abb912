import { allRestores } from '../../archive/layout.ts';
import { startOf } from '../../archive/runs/run-history.ts';
import { isCode } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { chunks, readJson } from '../../storage/json-blobs.ts';
import { entryName, gap, idForm, readRestore } from './blobs.ts';
import type { Entry } from './entries.ts';

/** What there is to see of one restore. */
export interface RestoreSummary {
  restoreId: string;
  /** ISO 8601 */
  started: string;
  account: string;
  items: number;
  /** null of one that has not ended: it is under way, was stopped, or was killed */
  outcome: string | null;
  undoes: string | null;
}

/** All restores that were begun, newest first: the audit trail. */
export async function listRestores(store: BlobStore): Promise<RestoreSummary[]> {
  const found = new Map<string, string[]>();
  for await (const { name } of store.list(allRestores)) {
    const [restoreId = '', ...path] = name.slice(allRestores.length).split('/');
    if (!idForm.test(restoreId)) continue;
    const entries = found.get(restoreId) ?? [];
    if (path[0] === 'journal') entries.push(name);
    found.set(restoreId, entries);
  }
  const all: RestoreSummary[] = [];
  for await (const ids of chunks([...found.keys()].sort().reverse(), 16))
    all.push(...(await Promise.all(ids.map((id) => summaryOf(store, id, found.get(id) ?? [])))));
  return all;
}

/** One that is damaged costs no other. @param names of its entries, of which the last says whether it has ended */
async function summaryOf(store: BlobStore, restoreId: string, names: readonly string[]): Promise<RestoreSummary> {
  try {
    const { started, plan, undoes } = await readRestore(store, restoreId);
    const last = names.at(-1);
    if (last !== undefined && last !== entryName(restoreId, names.length)) throw gap(restoreId, names.length);
    const entry = last === undefined ? undefined : await readJson<Entry>(store, last);
    const outcome = entry?.kind === 'ended' ? entry.result.outcome : null;
    const begun = new Date(started).toISOString();
    return { restoreId, started: begun, account: plan.target.account, items: plan.order.length, outcome, undoes };
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED', 'RESTORE_UNKNOWN')) throw error;
    const begun = new Date(startOf(restoreId)).toISOString();
    return { restoreId, started: begun, account: '', items: 0, outcome: 'damaged', undoes: null };
  }
}
