import { html, type Html } from './html.ts';
import { restoreMark } from './outcome.ts';
import type { Page } from './shell.ts';
import type { Site } from './site.ts';
import { table } from './table.ts';
import { many, moment, named } from './words.ts';

/** Every restore that was begun, newest first. */
export async function restoresPage(site: Site): Promise<Page> {
  const restores = await site.restores.list();
  const body = html`<h1>Restores</h1>
    ${restores.length === 0 ? html`<p class="empty">Nothing has been restored yet. <a href="/items?state=all">Look for the item</a>, open the version that you want back, and plan its restore there.</p>` : restoreTable(restores)}`;
  return { title: 'Restores', part: 'restores', body };
}

function restoreTable(restores: Awaited<ReturnType<Site['restores']['list']>>): Html {
  return table(
    ['Planned', 'Result', 'What', 'By'],
    restores.map(
      ({ restoreId, started, outcome, items, undoes, account }) =>
        html`<tr>
          <th scope="row"><a href="/restores/${restoreId}">${moment(started)}</a></th>
          <td>${restoreMark(outcome)}</td>
          <td>${many(items, 'item')}${undoes !== null && html`, <a href="/restores/${undoes}">taken back</a>`}</td>
          <td>${named(account)}</td>
        </tr>`,
    ),
    'Restores, newest first',
  );
}
