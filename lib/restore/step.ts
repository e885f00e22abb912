import { progressOf, type Made } from './journal/entries.ts';
import type { UnderWay } from './under-way.ts';
import type { StepName } from './words.ts';

/** Runs a step unless it is done, and says so before and after. */
export async function step(under: UnderWay, itemId: string, name: StepName, act: () => Promise<Made | undefined>) {
  const { journal } = under;
  if (progressOf(journal.standing, itemId).done.has(name)) return;
  await journal.write({ kind: 'started', itemId, step: name });
  const made = await act();
  await journal.write({ kind: 'done', itemId, step: name, ...made });
}
