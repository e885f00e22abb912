import { html, type Html } from './html.ts';
import { restOf, type Progress } from './progress.ts';
import type { Ended, UnderWay } from './site.ts';
import { count, many, size } from './words.ts';
import type { RunStatus } from '../../api/runs.ts';

const words = {
  complete: ['good', 'Complete'],
  partial: ['middling', 'Partial'],
  failed: ['bad', 'Failed'],
  cancelled: ['middling', 'Cancelled'],
  running: ['now', 'Running'],
  open: ['middling', 'Not at its end'],
} as const;

/** How a run or a restore ended, as a mark that has words, and so no need of its colour. */
export function outcomeMark(status: RunStatus['status'] | 'open'): Html {
  const [look, word] = words[status];
  return html`<span class="mark ${look}">${word}</span>`;
}

/** How a restore ended; one that has not is under way, or waits to be gone on with. */
export function restoreMark(outcome: string | null): Html {
  return outcomeMark(outcome === 'complete' || outcome === 'partial' || outcome === 'failed' ? outcome : 'open');
}

const ops = { added: 'new', changed: 'changed', moved: 'moved', removed: 'deleted' } as const;

/** What became of an item, in a word. */
export function opWord(op: keyof typeof ops): string {
  return ops[op];
}

/** The same as a mark. */
export function opMark(op: keyof typeof ops): Html {
  return html`<span class="mark">${opWord(op)}</span>`;
}

const phases: Record<string, string> = {
  begin: 'Beginning',
  members: 'Looking through members',
  items: 'Saving items',
  finish: 'Writing the commit',
  elsewhere: 'Running on another machine',
  'dry-run': 'Checking what a backup would do',
};

/** What a run is at, in words. */
export function phaseName(phase: string): string {
  return phases[phase] ?? phase;
}

/** How far a run is that is under way. */
export function runProgress(run: UnderWay): Progress {
  const phase = phaseName(run.phase);
  if (!('done' in run)) return { phase, done: 0, total: 0, failed: 0, since: run.started };
  const { done, total, failed, started, bytes, title, others, secondsLeft, secondsSilent } = run;
  const more = [...(bytes > 0 ? [`${size(bytes)} fetched`] : []), ...restOf(title, secondsLeft, others)];
  return { phase, done, total, failed, more, since: started, secondsSilent };
}

/** What a run did, in a line. */
export function sumsOf(run: Ended): string {
  const parts = (['added', 'changed', 'removed', 'failed'] as const)
    .filter((what) => run[what] > 0)
    .map((what) => `${count(run[what])} ${what === 'added' ? 'new' : what}`);
  if (run.gaps > 0) parts.push(`${many(run.gaps, 'item')} with a gap`);
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}
