import type { ItemChange } from '../../history/diff/item-changes.ts';
import { html, type Html } from './html.ts';
import { table } from './table.ts';
import type { Page } from './shell.ts';
import type { Site } from './site.ts';
import { count, itemAddress, itemLink, many, moment, size } from './words.ts';

/** Differences that a page shows, unless all are asked for. */
const mostChanges = 300;
/** Signs of a value. */
const longest = 400;

/** What is different between two versions, in words. */
export async function differencesPage(site: Site, id: string, query: URLSearchParams): Promise<Page> {
  const asked = query.get('to');
  const before = query.get('from') ?? (asked === null ? null : await versionBefore(site, id, asked));
  const { item, from, to, changes } = await site.items.diff(id, before, asked);
  const most = query.get('all') === 'yes' ? Infinity : mostChanges;
  const parts = Map.groupBy(changes.slice(0, most), ({ part }) => part);
  const body = html`<h1>What changed: ${itemLink(item.itemId, item.title)}</h1>
    <p>
      From <a href="${itemAddress(item.itemId, from.commit)}">${moment(from.time)}</a> to
      <a href="${itemAddress(item.itemId, to.commit)}">${moment(to.time)}</a>:
      ${changes.length === 0 ? 'nothing is different.' : many(changes.length, 'difference')}
    </p>
    ${[...parts].map(([part, all]) => section(part, all))}
    ${changes.length > most && html`<p>${count(most)} of ${count(changes.length)} differences are shown. <a href="/items/${item.itemId}/differences?from=${from.commit}&amp;to=${to.commit}&amp;all=yes">Show them all</a></p>`}`;
  return { title: `What changed: ${item.title}`, part: 'items', body };
}

/** The commit of the version before that of a commit; null where there is none, or the commit did not change the item. */
async function versionBefore(site: Site, id: string, commit: string): Promise<string | null> {
  const { versions } = await site.items.versions(id);
  const at = versions.findIndex((each) => each.commit === commit);
  return (at >= 0 && versions.slice(at + 1).find(({ op }) => op !== 'removed')?.commit) || null;
}

function section(part: string, changes: readonly ItemChange[]): Html {
  return html`<section>
    <h2>${part === 'rows' ? 'Rows of layers' : part === 'place' ? 'Place' : html`<bdi>${part}</bdi>`}</h2>
    ${table(
      ['Where', 'What', 'Before', 'After'],
      changes.map(
        (each) =>
          html`<tr>
            <th scope="row"><code>${each.path === '' ? 'all of it' : each.path}</code></th>
            <td><span class="mark">${each.kind}</span></td>
            <td>${value(each.before)}</td>
            <td>${value(each.after)}</td>
          </tr>`,
      ),
    )}
  </section>`;
}

/** What is said of a file that is compared by its bytes alone. */
function isFile(given: unknown): given is { size: number; sha256: string } {
  if (given === null || typeof given !== 'object' || Object.keys(given).length !== 2) return false;
  const { size: bytes, sha256 } = given as { size?: unknown; sha256?: unknown };
  return typeof bytes === 'number' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

function value(given: unknown): Html | null {
  if (given === null || given === undefined) return null;
  if (isFile(given)) return html`${size(given.size)} <code class="faint">${given.sha256.slice(0, 12)}</code>`;
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  if (text.length <= longest) return html`<code class="value">${text}</code>`;
  return html`<details>
    <summary><code class="value">${text.slice(0, longest)}…</code></summary>
    <code class="value">${text.slice(0, 100_000)}</code>
  </details>`;
}
