import type { Restore } from './restore.ts';
import type { Entry, Standing } from './entries.ts';

/** How far a restore is. */
export interface RestoreProgress {
  /** `before`: what is there now is saved; `making`: what is gone is made; `filling`: everything is put back, and compared */
  phase: 'before' | 'making' | 'filling';
  /** items at their end, well or badly */
  done: number;
  total: number;
  failed: number;
  /** of the item that is under way; null where none is */
  title: string | null;
  /** items a minute, lately; null while that cannot be said */
  perMinute: number | null;
  secondsLeft: number | null;
}

/** Ends of items by which the rate is told. */
const lately = 20;

/** What the journal says of how far the restore is. */
export function progressIn({ plan }: Restore, entries: readonly Entry[], standing: Standing): RestoreProgress {
  const ends = entries.slice(entries.findLastIndex(({ kind }) => kind === 'resumed') + 1).filter(isEnd);
  const ended = [...standing.items.values()].flatMap(({ end }) => (end === null ? [] : [end]));
  const last = entries.findLast((entry) => entry.kind === 'started');
  const title = plan.items.find(({ itemId }) => itemId === last?.itemId)?.title ?? null;
  const [first, latest] = [ends.at(-lately), ends.at(-1)];
  const minutes = ((latest?.at ?? 0) - (first?.at ?? 0)) / 60_000;
  const perMinute = minutes > 0 ? (Math.min(ends.length, lately) - 1) / minutes : null;
  const left = plan.order.length - ended.length;
  return {
    phase: last === undefined ? 'before' : last.step === 'create' || last.step === 'undelete' ? 'making' : 'filling',
    done: ended.length,
    total: plan.order.length,
    failed: ended.filter(({ kind }) => kind === 'failed').length,
    title,
    perMinute: perMinute === null ? null : Math.round(perMinute * 10) / 10,
    secondsLeft: perMinute === null ? null : Math.round((left / perMinute) * 60),
  };
}

function isEnd({ kind }: Entry): boolean {
  return kind === 'verified' || kind === 'failed';
}
