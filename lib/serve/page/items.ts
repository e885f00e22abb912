import { titleOf } from '../../backup/words.ts';
import { isCode } from '../../errors.ts';
import { html, type Html } from './html.ts';
import { table } from './table.ts';
import type { Page } from './shell.ts';
import type { Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { count, itemLink, many, moment, size } from './words.ts';

const states = { live: 'There now', deleted: 'Deleted', all: 'Both' } as const;

/** Search over everything that is and was. Every search has an address of its own. */
export async function itemsPage(site: Site, visitor: Visitor, query: URLSearchParams): Promise<Page> {
  const asked = new URLSearchParams();
  for (const name of ['q', 'user', 'type', 'tag', 'state', 'at', 'cursor']) {
    const value = query.get(name)?.trim() ?? '';
    if (value !== '') asked.set(name, value);
  }
  const { items, total, cursor } = await listed(site, asked);
  const body = html`<h1>Items</h1>
    ${form(asked)}
    <p role="status">
      ${total === 0 ? nothing(asked) : html`${many(total, 'item')}${asked.has('cursor') && html`, from number ${count(Number(asked.get('cursor')) + 1)} on`}`}
    </p>
    ${items.length > 0 && selection(asked, visitor, itemTable(items))}
    ${cursor !== null && html`<p><a href="/items?${changed(asked, 'cursor', cursor)}" rel="next">The next ${count(Math.min(items.length, total - Number(cursor)))}</a></p>`}`;
  return { title: asked.has('q') ? `Items: ${asked.get('q') ?? ''}` : 'Items', part: 'items', body };
}

function form(asked: URLSearchParams): Html {
  const state = asked.get('state') ?? 'live';
  const field = (name: string, label: string, type = 'text', hint = '') =>
    html`<p>
      <label for="by-${name}">${label}</label
      ><input id="by-${name}" type="${type}" name="${name}" value="${asked.get(name)}" placeholder="${hint}" />
    </p>`;
  return html`<form class="filters" action="/items" method="get">
    ${field('q', 'Title or id', 'search')} ${field('user', 'Owner', 'text', 'such as ana*')}
    ${field('type', 'Type', 'text', 'such as Web*')} ${field('tag', 'Tag', 'text', 'such as parks')}
    ${field('at', 'As it stood', 'date')}
    <p>
      <label for="by-state">State</label
      ><select id="by-state" name="state">
        ${Object.entries(states).map(([value, text]) => html`<option value="${value}" ${value === state && 'selected'}>${text}</option>`)}
      </select>
    </p>
    <p><button>Search</button> <a href="/items">Clear</a></p>
  </form>`;
}

function nothing(asked: URLSearchParams): Html {
  if ([...asked.keys()].length === 0) return html`The archive holds no item yet: the first backup brings them.`;
  const text = asked.get('q');
  const byTag = new URLSearchParams({ tag: `*${text ?? ''}*`, state: 'all' }).toString();
  return html`${
    (asked.get('state') ?? 'live') === 'live'
      ? html`No item is like this now.
          <a href="/items?${changed(asked, 'state', 'all')}">Look among the deleted ones as well</a>`
      : 'No item is or was like this.'
  }
  ${text !== null && html`<a href="/items?${byTag}">Look among the tags</a>`}`;
}

/** Items of the table that are ticked go together into a zip, or into the plan of a restore. Works by addresses alone. */
function selection(asked: URLSearchParams, visitor: Visitor, items: Html): Html {
  const at = asked.get('at');
  return html`<form action="/zip" method="get">
    ${at !== null && html`<input type="hidden" name="at" value="${at}" />`}${items}
    <p class="together">
      With those that are ticked: <button class="quiet">Download as a zip</button>
      ${visitor.role === 'operator' && html`<button class="quiet" formaction="/restores/new">Restore</button>`}
    </p>
  </form>`;
}

type Listed = Awaited<ReturnType<Site['items']['list']>>['items'][number];

function itemTable(items: readonly Listed[]): Html {
  return table(
    [
      { ticks: 'Tick' },
      ...['Title', 'Type', 'Owner'],
      { extra: 'Folder' },
      { extra: 'First seen' },
      'Changed',
      { number: 'Size' },
    ],
    items.map(row),
    'Items',
  );
}

function row({ itemId, title, type, owner, folder, first, changed: last, removed, size: bytes }: Listed): Html {
  return html`<tr>
    <td>
      <input type="checkbox" name="item" value="${itemId}" aria-label="Tick ${titleOf({ title, itemId })}" />
    </td>
    <th scope="row">${itemLink(itemId, title)}${removed !== null && html` <span class="mark bad">deleted</span>`}</th>
    <td>${type}</td>
    <td><bdi>${owner}</bdi></td>
    <td class="extra"><bdi>${folder}</bdi></td>
    <td class="extra">${moment(first.time)}</td>
    <td>${removed === null ? moment(last.time) : html`gone since ${moment(removed.time)}`}</td>
    <td class="number">${size(bytes)}</td>
  </tr>`;
}

/** The same search with one field changed. */
function changed(asked: URLSearchParams, name: string, value: string): string {
  const other = new URLSearchParams(asked);
  other.delete(name);
  other.append(name, value);
  return other.toString();
}

/** Before the first backup there is nothing, which is no trouble. */
async function listed(site: Site, asked: URLSearchParams): ReturnType<Site['items']['list']> {
  try {
    return await site.items.list(asked);
  } catch (error) {
    if (!isCode(error, 'STORE_NOT_REPOSITORY', 'STORE_MISSING') || (await site.runs(1)).length > 0) throw error;
    return { items: [], total: 0, cursor: null };
  }
}
