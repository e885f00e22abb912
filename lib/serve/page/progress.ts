import { html, type Html } from './html.ts';
import { count, many, span } from './words.ts';

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
  /** since anything was heard of it; 0 where nobody can say */
  secondsSilent?: number;
}

/** How far it is; the page's script asks `address` for news. */
export function progressBar(address: string, progress: Progress, now: number): Html {
  const { phase, done, total, since } = progress;
  return html`<div class="progress" data-progress="${address}">
    <p>
      <strong data-phase>${phase}</strong>
      <span data-text>${text(progress)}</span>
      <span class="faint" data-since>${sinceText(since, now)}</span>
      <span class="mark middling" data-stalled>${stalled(progress)}</span>
    </p>
    <progress aria-label="Progress" max="${Math.max(1, total)}" value="${Math.min(done, total)}"></progress>
  </div>`;
}

/** What the page's script asks for; `ended` tells it to load the page anew. */
export function progressJson(progress: Progress | undefined, now: number) {
  if (progress === undefined) return { ended: true };
  const { phase, done, total, since } = progress;
  return {
    ended: false,
    phase,
    text: text(progress),
    since: sinceText(since, now),
    stalled: stalled(progress),
    done,
    total,
  };
}

function sinceText(since: number, now: number): string {
  return `since ${span(now - since)}`;
}

/** s of silence after which it is said: nearly every item takes less */
const quiet = 900;

function stalled({ secondsSilent = 0 }: Progress): string {
  return secondsSilent < quiet ? '' : `No news for ${span(secondsSilent * 1000)}: a large item may take that long`;
}

/** What is under way, and how long the rest takes. */
export function restOf(title: string | null, secondsLeft: number | null, others = 0): string[] {
  const left = secondsLeft === null ? [] : [`about ${span(secondsLeft * 1000)} left`];
  if (title === null) return left;
  return [`now ${title}${others > 0 ? ` and ${many(others, 'other')}` : ''}`, ...left];
}

function text({ done, total, failed, more = [] }: Progress): string {
  const sums = total === 0 ? [] : [`${count(done)} of ${count(total)}`];
  if (failed > 0) sums.push(`${count(failed)} failed`);
  return [...sums, ...more].join(', ');
}
