import { nextTick } from '../../schedule.ts';
import { failuresByCause } from './failures.ts';
import { html, type Html } from './html.ts';
import { outcomeMark, runProgress, sumsOf } from './outcome.ts';
import { progressBar } from './progress.ts';
import { token, type Page } from './shell.ts';
import { isEnded, isUnderWay, type Ended, type Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { isOpen, lossesOf, warningList } from './warnings.ts';
import { count, many, moment, size, span } from './words.ts';

/** ms after its time at which a backup that has not come is late */
const grace = 6 * 3_600_000;
/** as many as the page of warnings looks through */
const mostRuns = 100;
const mostWarnings = 5;

/** Is the last backup good, and if not, what is to be done? */
export async function overview(site: Site, visitor: Visitor): Promise<Page> {
  const [runs, acknowledged] = await Promise.all([site.runs(mostRuns), site.acknowledged()]);
  const now = site.now();
  const running = runs.find(isUnderWay);
  const ended = runs.filter(isEnded);
  const losses = ended.flatMap((run) => lossesOf(run, acknowledged));
  const warnings = losses.filter((each) => isOpen(each) === 'open');
  // What some items were saved for, as before a restore, is not the backup of the night.
  const nights = ended.filter(({ whole }) => whole !== false);
  const good = nights.find(({ status }) => status === 'complete' || status === 'partial');
  const last = nights[0];
  const next = nextTick(site.schedule, now);
  const body = html`<h1>Overview</h1>
    ${standing({ isRunning: running !== undefined, isAll: runs.length < mostRuns, last, good, now, schedule: site.schedule })}
    ${
      running &&
      html`<section aria-labelledby="running">
        <h2 id="running">A backup is running</h2>
        ${progressBar(`/runs/${running.runId}/progress`, runProgress(running), now)}
        <p><a href="/runs/${running.runId}">Look at it</a></p>
      </section>`
    }
    ${
      last &&
      last.failures.length > 0 &&
      html`<section aria-labelledby="failures">
        <h2 id="failures">What failed</h2>
        ${failuresByCause(last, 10)}
      </section>`
    }
    <section aria-labelledby="warnings">
      <h2 id="warnings">Warnings</h2>
      ${warnings.length === 0 ? html`<p class="faint">${losses.length === 0 ? 'Nothing looks like a loss in the latest runs.' : html`All of them are <a href="/warnings">acknowledged</a>.`}</p>` : html`${warningList(warnings.slice(0, mostWarnings), visitor)}${warnings.length > mostWarnings && html`<p><a href="/warnings">All ${count(warnings.length)} warnings</a></p>`}`}
    </section>
    <section aria-labelledby="next">
      <h2 id="next">Next backup</h2>
      <p>
        ${next === undefined ? 'The schedule names no further time.' : html`${moment(next)}, in ${span(next - now)}.`}
      </p>
      ${visitor.role === 'operator' && running === undefined && html`<form action="/runs" method="post">${token(visitor)}<button>Back up now</button></form>`}
    </section>
    ${
      site.cloneAddress !== null &&
      html`<section aria-labelledby="clone">
        <h2 id="clone">The whole archive</h2>
        <p>It is an ordinary git repository: <code>git clone ${site.cloneAddress}</code></p>
      </section>`
    }`;
  return { title: 'Overview', part: 'overview', body };
}

interface Standing {
  isRunning: boolean;
  /** older runs were not looked at */
  isAll: boolean;
  last: Ended | undefined;
  good: Ended | undefined;
  now: number;
  schedule: string;
}

function standing({ isRunning, isAll, last, good, now, schedule }: Standing): Html {
  if (last === undefined)
    return html`<div class="standing middling">
      <p>
        <strong>There is no backup yet.</strong>
        ${isRunning ? 'The first one is under way.' : html`The first one comes at its time, or is begun now: below by an operator, or with <code>ago-backup run</code>.`}
      </p>
    </div>`;
  if (good === undefined)
    return html`<div class="standing bad">
      <p>
        <strong
          >${isAll ? 'No backup has succeeded yet.' : `None of the latest ${mostRuns} backups has succeeded.`}</strong
        >
        ${whyFailed(last)} <a href="/runs/${last.runId}">The last run</a>
      </p>
    </div>`;
  const due = nextTick(schedule, good.started);
  const isLate = due !== undefined && due + grace < now;
  const look = isLate || last.status === 'failed' ? 'bad' : last.status === 'complete' ? 'good' : 'middling';
  return html`<div class="standing ${look}">
    <p>
      <strong>The last good backup is ${span(now - good.started - good.seconds * 1000)} old</strong>
      ${outcomeMark(good.status)}
    </p>
    <p>
      ${moment(good.started)}: ${many(good.listed, 'item')} looked at, ${sumsOf(good)}; ${size(good.bytes)} fetched in
      ${span(good.seconds * 1000)}. <a href="/runs/${good.runId}">See it</a>
    </p>
    ${isLate && html`<p>The next one was due ${moment(due)} and has not succeeded: check that the Functions app, or <code>ago-backup serve</code>, is running.</p>`}
    ${last !== good && html`<p>The last run did not succeed ${outcomeMark(last.status)}: ${whyFailed(last)} <a href="/runs/${last.runId}">See it</a></p>`}
  </div>`;
}

function whyFailed({ error }: Ended): Html {
  return error === undefined
    ? html`It says no reason.`
    : html`${error.message} <span class="cure">${error.hint}</span>`;
}
