import { toldWarnings, type ToldWarning } from '../../api/warnings.ts';
import { html, type Html } from './html.ts';
import { token, type Page } from './shell.ts';
import type { Ended, Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { count, itemAddress, itemLink, moment, named } from './words.ts';

/** What looked like a loss in the latest runs; what somebody has taken note of is folded away. */
export async function warningsPage(site: Site, visitor: Visitor): Promise<Page> {
  const { warnings } = await site.warnings();
  const { open = [], known = [] } = Object.groupBy(warnings, isOpen);
  const body = html`<h1>Warnings</h1>
    <p>
      What looked like a loss when it was saved: rows, layers or fields that are gone, files that shrank, items that
      became public. The version before is in the archive.
    </p>
    ${open.length === 0 ? html`<p class="empty">${known.length === 0 ? 'Nothing looks like a loss in the latest hundred runs.' : 'All warnings of the latest hundred runs are acknowledged.'}</p>` : warningList(open, visitor)}
    ${
      known.length > 0 &&
      html`<details>
        <summary>Acknowledged <span class="faint">${count(known.length)}</span></summary>
        ${warningList(known, visitor)}
      </details>`
    }`;
  return { title: 'Warnings', part: 'warnings', body };
}

/** Does it wait for somebody? */
export function isOpen({ acknowledged }: ToldWarning): 'open' | 'known' {
  return acknowledged === null ? 'open' : 'known';
}

/** What looked like a loss in a run, as the API tells it of all runs. */
export function lossesOf(run: Ended, acknowledged: ReadonlyMap<string, number>): ToldWarning[] {
  const losses = run.warnings.flatMap((each) => (each.code === 'NOTICE' ? [] : [each]));
  return toldWarnings(run, losses, acknowledged);
}

/** Warnings, each with the way to see what changed, and for an operator to say that it is known. */
export function warningList(warnings: readonly ToldWarning[], visitor: Visitor): Html {
  return html`<ul class="list">
    ${warnings.map(
      (each) =>
        html`<li>
          <code>${each.code}</code>
          ${each.itemId === null ? named(each.title || each.owner) : itemLink(each.itemId, each.title)}: ${each.message}
          <span class="faint">${moment(each.time)}</span>
          ${each.itemId !== null && html`<a href="${differences(each)}">What changed</a>`} ${versionBefore(each)}
          ${each.restore !== null && html`<br /><code class="command">${each.restore}</code>`} ${knowing(each, visitor)}
        </li>`,
    )}
  </ul>`;
}

/** The version before stands in the commands that a warning has told since it was written down. */
function versionBefore({ itemId, show }: ToldWarning): Html | false {
  const at = /\s([0-9a-f]{12})$/.exec(show ?? '')?.[1];
  return itemId !== null && at !== undefined && html`<a href="${itemAddress(itemId, at)}#back">The version before</a>`;
}

function knowing({ id, title, acknowledged }: ToldWarning, visitor: Visitor): Html | false {
  const press = (what: string, text: string) =>
    visitor.role === 'operator' &&
    html`<form class="press" action="/warnings/${id}/${what}" method="post">
      ${token(visitor)}<button class="quiet" aria-label="${text}: ${title}">${text}</button>
    </form>`;
  if (acknowledged === null) return press('acknowledge', 'Acknowledge');
  return html`<span class="faint">acknowledged ${moment(acknowledged)}</span> ${press('revoke', 'Take that back')}`;
}

function differences({ itemId, commit }: ToldWarning): string {
  return `${itemAddress(itemId ?? '')}/differences${commit === null ? '' : `?to=${commit}`}`;
}
