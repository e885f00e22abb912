import { isCode } from '../../errors.ts';
import { html, type Html } from './html.ts';
import type { Page } from './shell.ts';
import type { Site } from './site.ts';
import { count, itemLink, many, moment, size } from './words.ts';

const states = { live: 'There now', deleted: 'Deleted', all: 'Both' } as const;

/** Search over everything that is and was. Every search has an address of its own. */
export async function itemsPage(site: Site, query: URLSearchParams): Promise<Page> {
  const asked = new URLSearchParams();
  for (const name of ['q', 'user', 'type', 'state', 'at', 'cursor']) {
    const value = query.get(name)?.trim() ?? '';
    if (value !== '') asked.set(name, value);
  }
  const { items, total, cursor } = await listed(site, asked);
  const body = html`<h1>Items</h1>
    ${form(asked)}
    <p role="status">
      ${total === 0 ? nothing(asked) : html`${many(total, 'item')}${asked.has('cursor') && html`, from the ${count(Number(asked.get('cursor')) + 1)}th`}`}
    </p>
    ${items.length > 0 && table(items)}
    ${cursor !== null && html`<p><a href="/items?${withCursor(asked, cursor)}" rel="next">The next ${count(Math.min(items.length, total - Number(cursor)))}</a></p>`}`;
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
    ${field('type', 'Type', 'text', 'such as Web*')} ${field('at', 'As it stood', 'date')}
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
  return (asked.get('state') ?? 'live') === 'live'
    ? html`No item is like this now.
        <a href="/items?${withState(asked, 'all')}">Look among the deleted ones as well</a>`
    : html`No item is or was like this.`;
}

function table(items: Awaited<ReturnType<Site['items']['list']>>['items']): Html {
  return html`<div class="wide">
    <table>
      <caption class="hidden">
        Items
      </caption>
      <thead>
        <tr>
          <th scope="col">Title</th>
          <th scope="col">Type</th>
          <th scope="col">Owner</th>
          <th scope="col">Folder</th>
          <th scope="col">Changed</th>
          <th scope="col" class="number">Size</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (each) =>
            html`<tr>
              <th scope="row">
                ${itemLink(each.itemId, each.title)}${each.removed !== null && html` <span class="mark bad">deleted</span>`}
              </th>
              <td>${each.type}</td>
              <td><bdi>${each.owner}</bdi></td>
              <td><bdi>${each.folder}</bdi></td>
              <td>
                ${each.removed === null ? moment(each.changed.time) : html`gone since ${moment(each.removed.time)}`}
              </td>
              <td class="number">${size(each.size)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function withCursor(asked: URLSearchParams, cursor: string): string {
  return new URLSearchParams([...[...asked].filter(([name]) => name !== 'cursor'), ['cursor', cursor]]).toString();
}

function withState(asked: URLSearchParams, state: string): string {
  return new URLSearchParams([...[...asked].filter(([name]) => name !== 'state'), ['state', state]]).toString();
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
