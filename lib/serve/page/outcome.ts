import { html, type Html } from './html.ts';
import { isUnderWay, type Ended, type UnderWay } from './site.ts';
import { count, many, span } from './words.ts';
import type { RunStatus } from '../../api/runs.ts';

const words = {
  complete: ['good', 'Complete'],
  partial: ['middling', 'Partial'],
  failed: ['bad', 'Failed'],
  cancelled: ['middling', 'Cancelled'],
  running: ['now', 'Running'],
} as const;

/** How a run ended, as a mark that has words, and so no need of its colour. */
export function outcomeMark(status: RunStatus['status']): Html {
  const [look, word] = words[status];
  return html`<span class="mark ${look}">${word}</span>`;
}

const ops = { added: 'new', changed: 'changed', moved: 'moved', removed: 'deleted' } as const;

/** What became of an item. */
export function opMark(op: keyof typeof ops): Html {
  return html`<span class="mark">${ops[op]}</span>`;
}

const phases: Record<string, string> = {
  begin: 'Beginning',
  members: 'Looking through members',
  items: 'Saving items',
  finish: 'Writing the commit',
  elsewhere: 'Running on another machine',
  'dry-run': 'Checking what a backup would do',
};

/** How far a run is; the page's script keeps it up to date. */
export function progressOf(run: UnderWay, now: number): Html {
  const { done = 0, total = 0, failed = 0 } = 'done' in run ? run : {};
  return html`<div class="progress" data-progress="/runs/${run.runId}/progress">
    <p>
      <strong data-phase>${phases[run.phase] ?? run.phase}</strong>
      <span data-text>${progressText({ done, total, failed })}</span>
      <span class="faint">since ${span(now - run.started)}</span>
    </p>
    <progress aria-label="Progress of the run" max="${Math.max(1, total)}" value="${Math.min(done, total)}"></progress>
  </div>`;
}

/** What the page's script asks for; `ended` tells it to load the page anew. */
export function progressJson(run: Parameters<typeof isUnderWay>[0]) {
  if (!isUnderWay(run)) return { ended: true };
  const { done = 0, total = 0, failed = 0 } = 'done' in run ? run : {};
  return {
    ended: false,
    phase: phases[run.phase] ?? run.phase,
    text: progressText({ done, total, failed }),
    done,
    total,
  };
}

function progressText({ done, total, failed }: { done: number; total: number; failed: number }): string {
  if (total === 0) return '';
  return `${count(done)} of ${count(total)}${failed > 0 ? `, ${count(failed)} failed` : ''}`;
}

/** What a run did, in a line. */
export function sumsOf(run: Ended): string {
  const parts = (['added', 'changed', 'removed', 'failed'] as const)
    .filter((what) => run[what] > 0)
    .map((what) => `${count(run[what])} ${what === 'added' ? 'new' : what}`);
  if (run.gaps > 0) parts.push(`${many(run.gaps, 'item')} with a gap`);
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}
