import type { RestoreStatus } from '../../api/restore-status.ts';
import { phaseNames, type Plan, type RestoredItem, type RestoreResult } from '../../restore/words.ts';
import { html, type Html } from './html.ts';
import { outcomeMark } from './outcome.ts';
import { planView } from './plan.ts';
import { progressBar, restOf, type Progress } from './progress.ts';
import { token, type Page } from './shell.ts';
import type { Site } from './site.ts';
import { table } from './table.ts';
import type { Visitor } from './visitor.ts';
import { moment, thingLink } from './words.ts';

/** A restore that is in one of these states. */
type In<State extends RestoreStatus['state']> = Extract<RestoreStatus, { state: State }>;

/** One restore: its plan, how far it is, or how it ended. Throws RESTORE_UNKNOWN. */
export async function restorePage(site: Site, visitor: Visitor, id: string, query: URLSearchParams): Promise<Page> {
  const restore = await site.restores.status(id);
  const { restoreId, undoes } = restore;
  const what = undoes === null ? 'Restore' : 'Undo of a restore';
  const body = html`<h1>${what}, planned ${moment(restore.started)}</h1>
    ${undoes !== null && html`<p>It takes back <a href="/restores/${undoes}">this restore</a>.</p>`}
    ${inside(site, visitor, restore, query.get('changed') === 'yes')} ${commandOf(restore)}`;
  return { title: `${what} ${restoreId.slice(0, 8)}`, part: 'restores', body };
}

/** A form of one button, for an operator. */
type Press = (path: string, text: string, look?: string) => Html | false;

function inside(site: Site, visitor: Visitor, restore: RestoreStatus, hasChanged: boolean): Html {
  const press: Press = (path, text, look = '') =>
    visitor.role === 'operator' &&
    html`<form class="press" action="/restores/${restore.restoreId}/${path}" method="post">
      ${token(visitor)}<button class="${look}">${text}</button>
    </form>`;
  if (restore.state === 'planned') return planned(restore, visitor, press, hasChanged);
  if (restore.state === 'planning') return beingPlanned(restore, site.now(), press);
  if (restore.state === 'unplanned') return unplanned(restore, press);
  if (restore.state === 'running') return underWay(restore, site.now(), press);
  if (restore.state === 'stopped') return stopped(restore, press);
  return ended(restore, press);
}

function planned({ plan, newer, error }: In<'planned'>, visitor: Visitor, press: Press, hasChanged: boolean): Html {
  return html`${error !== undefined && html`<p class="standing middling" role="alert">It was not started: ${error.message} ${error.hint}</p>`}
    ${newer !== undefined && html`<p class="standing middling" role="alert">Somebody changed something in the portal, so nothing was started. <a href="/restores/${newer}">The new plan</a> takes the place of this one.</p>`}
    ${hasChanged && html`<p class="standing middling" role="alert">Somebody changed something in the portal since the plan was made, so nothing was started. This is the new plan.</p>`}
    <p>
      <strong>Nothing has been changed yet.</strong> What lives is saved before it is written over, so that all of it
      can be taken back.
    </p>
    ${!hasSteps(plan) && plan.order.length > 0 && html`<p class="empty">Everything is as it was then: there is nothing to restore.</p>`}
    ${hasSteps(plan) && press('start', 'Start the restore')} ${press('stop', 'Forget this plan', 'quiet')}
    ${visitor.role !== 'operator' && html`<p>Only an operator can start it.</p>`} ${planView(plan)}`;
}

function beingPlanned(restore: In<'planning'>, now: number, press: Press): Html {
  const address = `/restores/${restore.restoreId}`;
  return html`${progressBar(`${address}/progress`, planningProgress(restore), now)}
    <p>Nothing is changed. The plan will be here; this page can be left meanwhile.</p>
    <noscript
      ><p><a href="${address}">Look again</a></p></noscript
    >
    ${press('stop', 'Forget this plan', 'quiet')}`;
}

function unplanned({ error }: In<'unplanned'>, press: Press): Html {
  return html`<div class="standing middling">
      <p><strong>It could not be planned.</strong> ${error.message}</p>
      <p class="cure">${error.hint}</p>
      <p class="faint"><code>${error.code}</code></p>
    </div>
    ${press('stop', 'Forget it', 'quiet')}`;
}

/** How far a plan is that takes long. */
export function planningProgress({ done, total, started }: In<'planning'>): Progress {
  return { phase: 'Looking at what is there', done, total, failed: 0, since: Date.parse(started) };
}

/** What is blocked or as it was has nothing to be done. */
function hasSteps({ items }: Plan): boolean {
  return items.some(({ blocked, steps }) => blocked === null && steps.length > 0);
}

function underWay(restore: In<'running'>, now: number, press: Press): Html {
  const address = `/restores/${restore.restoreId}`;
  return html`${progressBar(`${address}/progress`, restoreProgress(restore), now)}
    ${restore.where !== undefined && html`<p>It runs on <bdi>${restore.where}</bdi>.</p>`}
    <noscript
      ><p><a href="${address}">Look again</a></p></noscript
    >
    ${press('stop', 'Stop after the step under way', 'quiet')}`;
}

function stopped({ error, done, total, plan }: In<'stopped'>, press: Press): Html {
  return html`<div class="standing middling">
      <p><strong>It was stopped.</strong> ${error.message}</p>
      <p class="cure">${error.hint}</p>
      <p class="faint"><code>${error.code}</code> ${done} of ${total} items were at their end.</p>
    </div>
    ${press('start', 'Go on')} ${press('undo', 'Plan taking it back', 'quiet')} ${planView(plan)}`;
}

function ended(restore: In<'complete' | 'partial' | 'failed'>, press: Press): Html {
  return html`<p>${outcomeMark(restore.state)} ${sumsOf(restore)}</p>
    ${restore.state !== 'complete' && press('start', 'Try again what failed')}
    ${press('undo', 'Plan taking it back', 'quiet')} ${results(restore)}
    <details>
      <summary>The plan</summary>
      ${planView(restore.plan)}
    </details>`;
}

/** How far a restore is that is under way. */
export function restoreProgress(restore: In<'running'>): Progress {
  const { phase, done, total, failed, title, secondsLeft, secondsSilent, started } = restore;
  const since = Date.parse(started);
  return { phase: phaseNames[phase], done, total, failed, more: restOf(title, secondsLeft), since, secondsSilent };
}

function commandOf({ restoreId, state }: RestoreStatus): Html | false {
  if (['planned', 'planning', 'unplanned', 'running'].includes(state)) return false;
  const option = state === 'stopped' ? '--resume' : '--undo';
  return html`<p class="faint">With the command: <code>ago-backup restore ${option} ${restoreId}</code></p>`;
}

const outcomes = ['restored', 'equivalent', 'different', 'failed'] as const;

function sumsOf({ items }: RestoreResult): string {
  const sums = outcomes.map((each) => [each, items.filter(({ outcome }) => outcome === each).length] as const);
  return sums.flatMap(([each, n]) => (n > 0 ? [`${n} ${each}`] : [])).join(', ');
}

const looks = { restored: 'good', equivalent: 'good', different: 'middling', failed: 'bad' } as const;

function results({ items, plan, beforeCommit, pointing = [] }: In<'complete' | 'partial' | 'failed'>): Html {
  const thing = (id: string) => plan.items.find(({ itemId }) => itemId === id) ?? { itemId: id, title: id, type: '' };
  const row = (item: RestoredItem) =>
    html`<tr>
      <th scope="row">${thingLink(thing(item.itemId))}</th>
      <td><span class="mark ${looks[item.outcome]}">${item.outcome}</span></td>
      <td>${item.newId !== null && item.newId !== item.itemId && html`<code>${item.newId}</code>`}</td>
      <td>
        ${item.message}
        ${item.hint !== undefined && html`<span class="cure">${item.hint}</span>`}${item.code !== null && html` <code>${item.code}</code>`}
        ${item.differences.map(({ part, what }, n) => html`${n > 0 && '; '}${part}: ${what}`)}
      </td>
    </tr>`;
  return html`${table(['Item', 'Compared with its version', 'Id now', 'What is different'], items.map(row))}
  ${
    pointing.length > 0 &&
    html`<section aria-labelledby="pointing">
      <h2 id="pointing">Still name what is called otherwise now</h2>
      <ul>
        ${pointing.map((each) => html`<li>${thingLink(each)}: <code>${each.names.join(', ')}</code></li>`)}
      </ul>
    </section>`
  }
  ${beforeCommit !== null && html`<p>What was there before is in the archive, as commit <code>${beforeCommit}</code>.</p>`}`;
}
