import { html, type Html } from './html.ts';
import { table } from './table.ts';
import { outcomeMark, phaseName, restoreMark, sumsOf } from './outcome.ts';
import { token, type Page } from './shell.ts';
import { isEnded, isUnderWay, type Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { many, moment, size, span } from './words.ts';
import type { RunStatus } from '../../api/runs.ts';
import type { RestoreSummary } from '../../restore/journal/list.ts';

const step = 50;
const most = 1000;
const filters = { all: 'All', trouble: 'With trouble', changes: 'With changes', restores: 'Restores' } as const;
type Filter = keyof typeof filters;

/** The runs, newest first; those with trouble can be had alone, however many good ones came after. */
export async function runsPage(site: Site, visitor: Visitor, query: URLSearchParams): Promise<Page> {
  const asked = query.get('show') ?? 'all';
  const filter: Filter = Object.hasOwn(filters, asked) ? (asked as Filter) : 'all';
  const wanted = Math.min(most, Math.max(step, Number(query.get('most') ?? step) || step));
  const [read, restores] = await Promise.all([site.runs(wanted + 1), site.restores.list()]);
  const runs = read.slice(0, wanted).filter((run) => fits(run, filter));
  // Of restores only those of the time that was looked through.
  const since = read.length > wanted ? (read[wanted - 1]?.started ?? 0) : 0;
  const beside = restores.filter((each) => Date.parse(each.started) >= since && fitsRestore(each, filter));
  const shown = [
    ...runs.map((run) => ({ at: run.started, row: runRow(run) })),
    ...beside.map((each) => ({ at: Date.parse(each.started), row: restoreRow(each) })),
  ].sort((a, b) => b.at - a.at);
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
    ${shown.length === 0 ? html`<p class="empty">${read.length === 0 ? 'There has been no run yet.' : 'None of the runs looked through is like this.'}</p>` : runTable(shown.map(({ row }) => row))}
    ${read.length > wanted && wanted < most && html`<p><a href="/runs?show=${filter}&amp;most=${Math.min(most, wanted * 4)}">Look through older runs</a></p>`}`;
  return { title: 'Runs', part: 'runs', body };
}

function fits(run: RunStatus, filter: Filter): boolean {
  if (filter === 'restores') return false;
  if (filter === 'all' || !isEnded(run)) return true;
  if (filter === 'changes') return run.commit !== null;
  return run.status !== 'complete' || run.warnings.length > 0;
}

function fitsRestore({ outcome }: RestoreSummary, filter: Filter): boolean {
  return filter !== 'trouble' || outcome !== 'complete';
}

function runTable(rows: readonly Html[]): Html {
  const columns = ['Began', 'Result', 'What it did', { number: 'Fetched' }, { number: 'Took' }];
  return table(columns, rows, 'Runs and restores, newest first');
}

function restoreRow({ restoreId, started, outcome, items, undoes }: RestoreSummary): Html {
  return html`<tr>
    <th scope="row"><a href="/restores/${restoreId}">${moment(started)}</a></th>
    <td>${restoreMark(outcome)}</td>
    <td>${undoes === null ? 'Restore' : 'Undo of a restore'}: ${many(items, 'item')}</td>
    <td></td>
    <td></td>
  </tr>`;
}

function runRow(run: RunStatus): Html {
  return html`<tr>
    <th scope="row"><a href="/runs/${run.runId}">${moment(run.started)}</a></th>
    <td>${outcomeMark(run.status)}</td>
    ${
      isEnded(run)
        ? html`<td>
              ${run.whole === false && 'Some items only: '}${run.error === undefined ? sumsOf(run) : run.error.message}${run.warnings.length > 0 && html` <span class="faint">${many(run.warnings.length, 'warning')}</span>`}
            </td>
            <td class="number">${size(run.bytes)}</td>
            <td class="number">${span(run.seconds * 1000)}</td>`
        : html`<td>${phaseName(run.phase)}</td>
            <td></td>
            <td></td>`
    }
  </tr>`;
}
