import type { ListsPage } from '../../api/changes.ts';
import type { ToldWarning } from '../../api/warnings.ts';
import { momentText } from '../../backup/words.ts';
import { failuresByCause } from './failures.ts';
import { factList } from './fact-list.ts';
import { html, type Html } from './html.ts';
import { opMark, outcomeMark, runProgress, sumsOf } from './outcome.ts';
import { progressBar } from './progress.ts';
import { token, type Page } from './shell.ts';
import { isUnderWay, type Ended, type Site, type UnderWay } from './site.ts';
import type { Visitor } from './visitor.ts';
import { lossesOf, warningList } from './warnings.ts';
import { count, itemLink, many, moment, named, size, span } from './words.ts';

const pageSize = 200;

/** One run: how far it is, or all that it did; undefined for an id that never was. */
export async function runPage(
  site: Site,
  visitor: Visitor,
  runId: string,
  query: URLSearchParams,
): Promise<Page | undefined> {
  const run = await site.run(runId);
  if (run === undefined) return undefined;
  if (isUnderWay(run)) return underWay(site, visitor, run);
  const [lists, acknowledged] = await Promise.all([site.changes(runId, listQuery(query)), site.acknowledged()]);
  const isDry = 'dryRun' in run;
  const body = html`<h1>${isDry ? 'Dry run' : 'Run'} of ${moment(run.started)}</h1>
    <p>
      ${outcomeMark(run.status)}
      ${run.whole === false && 'Some items only: '}${sumsOf(run)}${isDry && ', if it had been a backup'}.
    </p>
    ${
      run.error &&
      html`<div class="standing bad">
        <p><strong>${run.error.message}</strong></p>
        <p class="cure">${run.error.hint}</p>
        <p class="faint"><code>${run.error.code}</code></p>
      </div>`
    }
    ${facts(run)}
    ${
      run.failures.length > 0 &&
      html`<section aria-labelledby="failures">
        <h2 id="failures">What failed <span class="faint">${count(run.failures.length)}</span></h2>
        ${failuresByCause(run)}
      </section>`
    }
    ${warningsOf(run, lossesOf(run, acknowledged), visitor)} ${lists && changed(lists, runId)}`;
  return { title: `Run of ${momentText(run.started)}`, part: 'runs', body };
}

function underWay(site: Site, visitor: Visitor, run: UnderWay): Page {
  const where = 'where' in run && run.where !== undefined ? html`<p>It runs on <bdi>${run.where}</bdi>.</p>` : null;
  const body = html`<h1>A run is under way</h1>
    ${progressBar(`/runs/${run.runId}/progress`, runProgress(run), site.now())} ${where}
    <noscript
      ><p><a href="/runs/${run.runId}">Look again</a></p></noscript
    >
    ${
      visitor.role === 'operator' &&
      html`<form action="/runs/${run.runId}/end" method="post">
        ${token(visitor)}<button class="quiet">End it</button>
        <p class="faint">What it has fetched stays for the next run.</p>
      </form>`
    }`;
  return { title: 'A run is under way', part: 'runs', body };
}

function facts(run: Ended): Html {
  return factList([
    [
      'Members',
      `${count(run.members.listed)} listed, ${count(run.members.excluded)} left out, ${count(run.members.failed)} failed`,
    ],
    [
      'Items',
      `${count(run.listed)} listed: ${count(run.added)} new, ${count(run.changed)} changed, ${count(run.unchanged)} unchanged, ${count(run.excluded)} left out, ${count(run.failed)} failed`,
    ],
    ['Removed from the tree', count(run.removed)],
    ['Fetched', `${size(run.bytes)} in ${span(run.seconds * 1000)}`],
    ['Commit', run.commit === null ? 'none: nothing changed' : html`<code>${run.commit}</code>`],
    ['Run', html`<code>${run.runId}</code>`],
  ]);
}

function warningsOf({ warnings }: Ended, losses: readonly ToldWarning[], visitor: Visitor): Html | null {
  if (warnings.length === 0) return null;
  const notices = warnings.filter(({ code }) => code === 'NOTICE');
  return html`<section aria-labelledby="warnings">
    <h2 id="warnings">Warnings <span class="faint">${count(warnings.length)}</span></h2>
    ${losses.length > 0 && warningList(losses, visitor)}${
      notices.length > 0 &&
      html`<ul>
        ${notices.map(({ message }) => html`<li>${message}</li>`)}
      </ul>`
    }
  </section>`;
}

function listQuery(query: URLSearchParams): URLSearchParams {
  const cursor = query.get('cursor') ?? '';
  return new URLSearchParams({ limit: String(pageSize), ...(/^\d{1,9}$/.test(cursor) && { cursor }) });
}

function changed({ changes, leftOut, total, next }: ListsPage, runId: string): Html {
  const part = (title: string, all: number, rows: readonly Html[]) =>
    rows.length > 0 &&
    html`<section>
      <h2>${title} <span class="faint">${count(all)}</span></h2>
      <ul class="list">
        ${rows}
      </ul>
    </section>`;
  return html`${part(
    'Changes',
    total.changes,
    changes.map(
      (each) =>
        html`<li>
          ${opMark(each.op)} ${itemLink(each.itemId, each.title)}
          <span class="faint">${each.type} of <bdi>${each.owner}</bdi>: ${each.why}</span>
        </li>`,
    ),
  )}
  ${part(
    'Left out',
    total.leftOut,
    leftOut.map(
      (each) =>
        html`<li>
          ${each.itemId === '' ? html`everything of ${named(each.owner)}` : html`${named(each.title, each.itemId)} <span class="faint">${each.type} of <bdi>${each.owner}</bdi></span>`}:
          ${each.why}
        </li>`,
    ),
  )}
  ${next !== null && html`<p><a href="/runs/${runId}?cursor=${next}">The next ${many(pageSize, 'entry', 'entries')}</a></p>`}`;
}
