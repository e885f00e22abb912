import type { ToldWarning } from '../../api/warnings.ts';
import { html, type Html } from './html.ts';
import type { Page } from './shell.ts';
import type { Ended, Site } from './site.ts';
import { itemAddress, itemLink, moment, named } from './words.ts';

/** What looked like a loss in the latest runs. */
export async function warningsPage(site: Site): Promise<Page> {
  const { warnings } = await site.warnings();
  const body = html`<h1>Warnings</h1>
    <p>
      What looked like a loss when it was saved: rows, layers or fields that are gone, files that shrank, items that
      became public. The version before is in the archive.
    </p>
    ${warnings.length === 0 ? html`<p class="empty">Nothing looks like a loss in the latest hundred runs.</p>` : warningList(warnings)}`;
  return { title: 'Warnings', part: 'warnings', body };
}

/** What looked like a loss in a run, as the API tells it of all runs. */
export function lossesOf({ warnings, runId, commit, started }: Ended): ToldWarning[] {
  const time = new Date(started).toISOString();
  return warnings.flatMap((each) => (each.code === 'NOTICE' ? [] : [{ ...each, runId, commit, time }]));
}

/** Warnings, each with the way to see what changed. */
export function warningList(warnings: readonly ToldWarning[]): Html {
  return html`<ul class="list">
    ${warnings.map(
      (each) =>
        html`<li>
          <code>${each.code}</code>
          ${each.itemId === null ? named(each.title || each.owner) : itemLink(each.itemId, each.title)}: ${each.message}
          <span class="faint">${moment(each.time)}</span>
          ${each.itemId !== null && html`<a href="${differences(each)}">What changed</a>`}
          ${each.restore !== null && html`<br /><code class="command">${each.restore}</code>`}
        </li>`,
    )}
  </ul>`;
}

function differences({ itemId, commit }: ToldWarning): string {
  return `${itemAddress(itemId ?? '')}/differences${commit === null ? '' : `?to=${commit}`}`;
}
