import type { VersionText } from '../../history/describe.ts';
import type { Shown } from '../../history/show.ts';
import { files, layers, partAddress } from './files.ts';
import { factList } from './fact-list.ts';
import { html, type Html } from './html.ts';
import { token, type Page } from './shell.ts';
import type { Site } from './site.ts';
import type { Visitor } from './visitor.ts';
import { usedBy, uses } from './used.ts';
import { versionList } from './versions.ts';
import { count, itemAddress, many, moment, named, size } from './words.ts';

/** days for which the portal keeps what was deleted. https://doc.arcgis.com/en/arcgis-online/manage-data/recycle-bin.htm */
const binDays = 14;

/** One item: what it is, its versions, its files, what hangs on it, and how it comes back. */
export async function itemPage(site: Site, visitor: Visitor, id: string, query: URLSearchParams): Promise<Page> {
  const at = query.get('at') ?? undefined;
  const [shown, { versions }] = await Promise.all([site.items.show(id, at), site.items.versions(id)]);
  const { item, version } = shown;
  const picture = shown.parts.find(({ role }) => role === 'thumbnail');
  const body = html`<h1>${named(version.title, item.itemId)}</h1>
    ${standing(shown, versions, site.now())}
    <div class="item">
      ${picture && html`<img class="picture" src="${partAddress(shown, 'picture', picture.path)}" alt="" width="200" height="133" />`}
      ${facts(shown)}
    </div>
    ${versionList(item.itemId, versions, version.commit, query.get('versions') === 'all')} ${comingBack(shown, visitor)}
    ${files(shown)} ${layers(shown)} ${uses(shown)} ${usedBy(shown)} ${notes(shown)}`;
  return { title: version.title.trim() || item.itemId, part: 'items', body };
}

function standing({ item, version }: Shown, versions: readonly VersionText[], now: number): Html | null {
  const newest = versions.find(({ op }) => op !== 'removed');
  const isOld = newest !== undefined && newest.commit !== version.commit;
  const gone = item.removed;
  const until = gone === null ? 0 : Date.parse(gone.time) + binDays * 86_400_000;
  if (gone === null && !isOld) return null;
  return html`<div class="standing middling">
    ${gone && html`<p><strong>This item is no more</strong> since ${moment(gone.time)}. ${until > now && html`It may be in the recycle bin of the portal until ${moment(until)}, if the organization has one, and comes whole out of there: restore it there, or plan a restore here, which looks there first.`}</p>`}
    ${isOld && html`<p>You are looking at the version of ${moment(version.time)}. <a href="${itemAddress(item.itemId)}">The latest</a></p>`}
  </div>`;
}

function facts({ item, version, sharing, versions }: Shown): Html {
  const groups = sharing?.groups ?? [];
  const given = item.record?.['tags'];
  const tags = Array.isArray(given) ? given.filter((tag) => typeof tag === 'string' && tag.trim() !== '') : [];
  return factList([
    ['Type', version.type],
    ['Owner', html`<bdi>${version.owner}</bdi>`],
    ['Folder', html`<bdi>${item.folder}</bdi>`],
    [
      'Shared with',
      sharing === null
        ? 'not known'
        : html`${sharing.access ?? 'not known'}${groups.length > 0 && html`, ${many(groups.length, 'group')}: ${groups.map(({ id, title }, n) => html`${n > 0 && ', '}${named(title ?? id)}`)}`}`,
    ],
    ['Size', size(version.size)],
    ['This version', moment(version.time)],
    ['Versions', count(versions)],
    ...(tags.length > 0 ? [['Tags', html`${tags.map(tagLink)}`] as const] : []),
    ['Id', html`<code>${item.itemId}</code>`],
    ['In the archive', html`<bdi>${version.path}</bdi>`],
  ]);
}

function tagLink(tag: string, n: number): Html {
  const query = new URLSearchParams({ tag: tag.trim(), state: 'all' }).toString();
  return html`${n > 0 && ', '}<a href="/items?${query}">${named(tag)}</a>`;
}

function comingBack({ item, version }: Shown, visitor: Visitor): Html {
  const at = version.commit.slice(0, 12);
  return html`<section aria-labelledby="back">
    <h2 id="back">Getting it back</h2>
    <p>
      As files: <a href="/items/${item.itemId}/zip/${version.commit}" download>all files of this version as a zip</a>,
      or with the command, at any size:
    </p>
    <p><code class="command">ago-backup get ${item.itemId} --at ${at} --to restored</code></p>
    ${restoreForm(item.itemId, version.commit, visitor)}
    <p><code class="command">ago-backup restore ${item.itemId} --at ${at} --dry-run</code></p>
  </section>`;
}

function restoreForm(id: string, at: string, visitor: Visitor): Html {
  if (visitor.role !== 'operator') return html`<p>Into the portal: by an operator here, or with the command:</p>`;
  return html`<p>
      Into the portal: the plan says what would be written and what not; nothing is changed before you start it.
    </p>
    <form class="filters" action="/restores" method="post">
      ${token(visitor)}<input type="hidden" name="item" value="${id}" /><input type="hidden" name="at" value="${at}" />
      <p>
        <label for="mode">How</label
        ><select id="mode" name="mode">
          <option value="auto">In place, or anew where it is gone</option>
          <option value="beside">As a copy beside it</option>
        </select>
      </p>
      <p><button>Plan a restore</button></p>
    </form>
    <p>
      <a href="/restores/new?item=${id}&amp;at=${at.slice(0, 12)}"
        >Only some of it, only missing rows, another owner …</a
      >
    </p>`;
}

function notes({ notes: all }: Shown): Html | false {
  return (
    all.length > 0 &&
    html`<section>
      <h2>Notes of the backup</h2>
      <ul>
        ${all.map((note) => html`<li>${noteText(note)}</li>`)}
      </ul>
    </section>`
  );
}

/** Older versions wrote notes as sentences; newer ones may write what this one does not know. */
function noteText(note: unknown): string {
  if (typeof note === 'string') return note;
  if (note !== null && typeof note === 'object' && 'text' in note && typeof note.text === 'string') return note.text;
  return JSON.stringify(note);
}
