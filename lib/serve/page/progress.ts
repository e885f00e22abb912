import { html, type Html } from './html.ts';
import { count, span } from './words.ts';

/** How far something is. */
export interface Progress {
  phase: string;
  done: number;
  total: number;
  failed: number;
  /** what is under way, and how long the rest takes, where that is known */
  more?: readonly string[];
  /** epoch ms */
  since: number;
}

/** How far it is; the page's script asks `address` for news. */
export function progressBar(address: string, progress: Progress, now: number): Html {
  const { phase, done, total, since } = progress;
  return html`<div class="progress" data-progress="${address}">
    <p>
      <strong data-phase>${phase}</strong>
      <span data-text>${text(progress)}</span>
      <span class="faint">since ${span(now - since)}</span>
    </p>
    <progress aria-label="Progress" max="${Math.max(1, total)}" value="${Math.min(done, total)}"></progress>
  </div>`;
}

/** What the page's script asks for; `ended` tells it to load the page anew. */
export function progressJson(progress: Progress | undefined) {
  if (progress === undefined) return { ended: true };
  const { phase, done, total } = progress;
  return { ended: false, phase, text: text(progress), done, total };
}

function text({ done, total, failed, more = [] }: Progress): string {
  const sums = total === 0 ? [] : [`${count(done)} of ${count(total)}`];
  if (failed > 0) sums.push(`${count(failed)} failed`);
  return [...sums, ...more].join(', ');
}
