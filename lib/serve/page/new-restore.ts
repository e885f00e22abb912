import { aspectNames, type AskedMode, type AspectName } from '../../restore/words.ts';
import { BackupError } from '../../errors.ts';
import { html, type Html } from './html.ts';
import { token, type Page } from './shell.ts';
import type { Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { itemLink, many } from './words.ts';

/** Items whose titles are looked up; of more their ids say enough. */
const mostTitles = 20;

const modes: Record<AskedMode, string> = {
  auto: 'In place, out of the recycle bin, or anew',
  'in-place': 'In place only',
  beside: 'As a copy beside it',
  new: 'As a new item',
};
const rows = {
  '': 'All, so that a layer is what it was',
  missing: 'Only those that are missing; what was edited or added since stays',
  changed: 'Those that are missing or differ; what was added since stays',
} as const;
const aspects: Record<AspectName, string> = {
  definition: 'Definition of layers: fields, domains, drawing',
  rows: 'Rows and attachments of layers',
  data: 'Data or file',
  resources: 'Resources',
  info: 'Files of forms and publishing',
  thumbnail: 'Thumbnail',
  metadata: 'Metadata',
  record: 'Title, summary, tags and other details',
  status: 'Authoritative or deprecated',
  settings: 'Settings of the service',
  folder: 'Folder',
  sharing: 'Sharing',
  relations: 'Relations to other items',
  protection: 'Delete protection',
};

/** Everything that a restore can be asked for, of one item or of several. Throws USAGE when none is named, and ACCESS_DENIED. */
export async function newRestorePage(site: Site, visitor: Visitor, query: URLSearchParams): Promise<Page> {
  if (visitor.role !== 'operator') throw new BackupError('ACCESS_DENIED', 'Only an operator may do this.');
  const items = [...new Set(query.getAll('item').map((item) => item.trim()))].filter((item) => item !== '');
  if (items.length === 0)
    throw new BackupError('USAGE', 'No item is named.', { hint: 'Tick those that you want among the items.' });
  const titles = await Promise.all(items.slice(0, mostTitles).map((item) => titleOf(site, item)));
  const body = html`<h1>Restore ${many(items.length, 'item')}</h1>
    <ul>
      ${items.map((item, n) => html`<li>${n < titles.length ? itemLink(item, titles[n] ?? '') : html`<code>${item}</code>`}</li>`)}
    </ul>
    <p>First comes the plan: what would be written and what not. Nothing is changed before you start it.</p>
    <form class="asking" action="/restores" method="post">
      ${token(visitor)}${items.map((item) => html`<input type="hidden" name="item" value="${item}" />`)}
      ${when(query.get('at'))} ${how()} ${whichRows()} ${whatOnly()}
      <p><button>Plan the restore</button></p>
    </form>`;
  return { title: `Restore ${many(items.length, 'item')}`, part: 'restores', body };
}

/** The title of an item; empty where nothing has this id, which the plan says then. */
async function titleOf(site: Site, item: string): Promise<string> {
  const { items } = await site.items.list(new URLSearchParams({ q: item, state: 'all' }));
  return items.find(({ itemId }) => itemId === item)?.title ?? '';
}

function when(at: string | null): Html {
  return html`<p>
    <label for="at">As it stood</label><input id="at" name="at" value="${at ?? 'latest'}" aria-describedby="at-how" />
    <span id="at-how" class="faint"
      >A day such as 2026-11-20, a commit, <code>latest</code> or <code>previous</code></span
    >
  </p>`;
}

function how(): Html {
  return html`<p>
      <label for="mode">How</label
      ><select id="mode" name="mode">
        ${Object.entries(modes).map(([value, text]) => html`<option value="${value}">${text}</option>`)}
      </select>
    </p>
    <p>
      <label for="owner">Who takes what belongs to members who are gone</label
      ><input id="owner" name="owner" autocomplete="off" />
    </p>
    <p class="choice">
      <input id="with-uses" type="checkbox" name="withUses" value="yes" />
      <label for="with-uses">Also what these need and is gone</label>
    </p>
    <p class="choice">
      <input id="repoint" type="checkbox" name="repoint" value="yes" />
      <label for="repoint">Give living items that name what is made anew its new names</label>
    </p>
    <p class="choice">
      <input id="widen" type="checkbox" name="widenSharing" value="yes" />
      <label for="widen">Open a living item again to whom it was closed since</label>
    </p>`;
}

function whichRows(): Html {
  return html`<fieldset>
    <legend>Rows of hosted layers</legend>
    <p>
      <label for="rows">Which</label
      ><select id="rows" name="rows">
        ${Object.entries(rows).map(([value, text]) => html`<option value="${value}">${text}</option>`)}
      </select>
    </p>
    <p>
      <label for="fields">Only these fields of rows that differ</label
      ><input id="fields" name="fields" autocomplete="off" placeholder="such as STATUS, OWNER" />
    </p>
  </fieldset>`;
}

function whatOnly(): Html {
  return html`<details>
    <summary>Only some of each item</summary>
    <p class="faint">With nothing ticked all of it is restored; of rows that are only missing or changed, the rows.</p>
    ${aspectNames.map(
      (name) =>
        html`<p class="choice">
          <input id="only-${name}" type="checkbox" name="only" value="${name}" />
          <label for="only-${name}">${aspects[name]}</label>
        </p>`,
    )}
  </details>`;
}
