import { html, type Html } from './html.ts';
import { table } from './table.ts';
import { outcomeMark, sumsOf } from './outcome.ts';
import { token, type Page } from './shell.ts';
import { isEnded, isUnderWay, type Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { many, moment, size, span } from './words.ts';
import type { RunStatus } from '../../api/runs.ts';

const step = 50;
const most = 1000;
const filters = { all: 'All', trouble: 'With trouble', changes: 'With changes' } as const;
type Filter = keyof typeof filters;

/** The runs, newest first; those with trouble can be had alone, however many good ones came after. */
export async function runsPage(site: Site, visitor: Visitor, query: URLSearchParams): Promise<Page> {
  const asked = query.get('show') ?? 'all';
  const filter: Filter = Object.hasOwn(filters, asked) ? (asked as Filter) : 'all';
  const wanted = Math.min(most, Math.max(step, Number(query.get('most') ?? step) || step));
  const read = await site.runs(wanted + 1);
  const shown = read.slice(0, wanted).filter((run) => fits(run, filter));
  const links = Object.entries(filters).map(
    ([name, text]) =>
      html`<li><a href="/runs?show=${name}" ${name === filter && html`aria-current="true"`}>${text}</a></li>`,
  );
  const body = html`<h1>Runs</h1>
    <nav aria-label="Which runs">
      <ul class="tabs">
        ${links}
      </ul>
    </nav>
    ${visitor.role === 'operator' && !read.some(isUnderWay) && html`<form action="/runs" method="post">${token(visitor)}<button>Back up now</button></form>`}
    ${shown.length === 0 ? html`<p class="empty">${read.length === 0 ? 'There has been no run yet.' : 'None of the runs looked through is like this.'}</p>` : runTable(shown)}
    ${read.length > wanted && wanted < most && html`<p><a href="/runs?show=${filter}&amp;most=${Math.min(most, wanted * 4)}">Look through older runs</a></p>`}`;
  return { title: 'Runs', part: 'runs', body };
}

function fits(run: RunStatus, filter: Filter): boolean {
  if (filter === 'all' || !isEnded(run)) return true;
  if (filter === 'changes') return run.commit !== null;
  return run.status !== 'complete' || run.warnings.length > 0;
}

function runTable(runs: readonly RunStatus[]): Html {
  return table(
    ['Began', 'Result', 'What it did', { number: 'Fetched' }, { number: 'Took' }],
    runs.map(
      (run) =>
        html`<tr>
          <th scope="row"><a href="/runs/${run.runId}">${moment(run.started)}</a></th>
          <td>${outcomeMark(run.status)}</td>
          ${
            isEnded(run)
              ? html`<td>
                    ${run.error === undefined ? sumsOf(run) : run.error.message}${run.warnings.length > 0 && html` <span class="faint">${many(run.warnings.length, 'warning')}</span>`}
                  </td>
                  <td class="number">${size(run.bytes)}</td>
                  <td class="number">${span(run.seconds * 1000)}</td>`
              : html`<td>${run.phase}</td>
                  <td></td>
                  <td></td>`
          }
        </tr>`,
    ),
    'Runs, newest first',
  );
}
