import { isHosted } from '../backup/formats.ts';
import { needItem } from './aspects/aspect.ts';
import type { Verified } from './journal/entries.ts';
import { editsOf } from './layers/edits.ts';
import type { Part } from './part.ts';
import { differencesIn, dropDoubles, fillItem, removeItem } from './restore-item.ts';
import { outcomeOf } from './result.ts';
import { plannedItem, targetOf, type UnderWay } from './under-way.ts';
import type { AspectName } from './words.ts';

/** Puts back what is planned of an item, and compares. @returns the aspect behind which it is time to stop */
export async function finishItem(
  under: UnderWay,
  itemId: string,
  { isOver }: Pick<Part, 'isOver'>,
  after: AspectName | undefined,
): Promise<AspectName | undefined> {
  const { deps, journal } = under;
  const { steps } = plannedItem(under, itemId);
  const has = (name: string) => steps.some(({ step }) => step === name);
  const end = async (verified: Verified) => {
    await journal.write({ kind: 'verified', itemId, ...verified });
    deps.log({ event: 'restore.item', runId: journal.restore.restoreId, itemId, outcome: verified.outcome });
  };
  if (!has('delete')) {
    const stopped = await fillItem(under, itemId, after, isOver);
    if (stopped !== undefined) return stopped;
    await dropDoubles(under, itemId);
    const found = await differencesIn(under, itemId);
    // What it belongs to was saved while it lay in the bin, to which it goes back.
    const differences = has('recycle') ? found.filter(({ part }) => part !== 'relations') : found;
    const item = await needItem(await targetOf(under, itemId));
    const edits = has('create') && isHosted(item) ? await editsOf(under.restorer.portal, item) : undefined;
    const { modified } = item;
    await end({ outcome: outcomeOf(differences), differences, modified, ...(edits !== undefined && { edits }) });
  }
  if (!has('delete') && !has('recycle')) return undefined;
  await removeItem(under, itemId, has('delete'));
  if (has('delete')) await end({ outcome: 'restored', differences: [], modified: 0 });
  return undefined;
}
