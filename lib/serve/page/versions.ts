import type { VersionText } from '../../history/describe.ts';
import { momentText } from '../../backup/words.ts';
import { html, type Html } from './html.ts';
import { opMark, opWord } from './outcome.ts';
import { count, itemAddress, many, moment, size } from './words.ts';

/** Versions that a page shows, unless all are asked for. */
const mostShown = 100;

/**
 * Versions by change, newest first, each with the way to look at it and to compare it. Of very many only the latest, unless all
 * are asked for or the one that is looked at is older.
 */
export function versionList(id: string, versions: readonly VersionText[], current: string, isAll = false): Html {
  const at = versions.findIndex(({ commit }) => commit === current);
  const shown = versions.slice(0, isAll || at >= mostShown ? Infinity : mostShown);
  const there = shown.filter(({ op }) => op !== 'removed');
  return html`<section aria-labelledby="versions">
    <h2 id="versions">Versions</h2>
    <ol class="timeline">
      ${shown.map((each, n) => point(id, each, earlierThan(versions, n), each.commit === current))}
    </ol>
    ${shown.length < versions.length && html`<p>${count(shown.length)} of ${count(versions.length)} are shown. <a href="${itemAddress(id)}?versions=all">Show them all</a></p>`}
    ${there.length > 1 && compareForm(id, there)}
  </section>`;
}

function earlierThan(versions: readonly VersionText[], n: number): VersionText | undefined {
  return versions.find(({ op }, place) => place > n && op !== 'removed');
}

function point(id: string, each: VersionText, earlier: VersionText | undefined, isCurrent: boolean): Html {
  const { op, commit, time, what, layers } = each;
  const rows = layers.reduce((sum, layer) => sum + (layer.rows ?? 0), 0);
  const isThere = op !== 'removed';
  return html`<li ${isCurrent && html`aria-current="true"`}>
    ${opMark(op)} ${isThere ? html`<a href="${itemAddress(id, commit)}">${moment(time)}</a>` : moment(time)}
    ${what.length > 0 && html`<span>${what.join(', ')}</span>`}
    <span class="faint">${isThere && size(each.size)}${layers.length > 0 && `, ${many(rows, 'row')}`}</span>
    ${isThere && earlier && html`<a href="/items/${id}/differences?from=${earlier.commit}&amp;to=${commit}">What changed</a>`}
  </li>`;
}

function compareForm(id: string, versions: readonly VersionText[]): Html {
  const options = (chosen: number) =>
    versions.map(
      (each, n) =>
        html`<option value="${each.commit}" ${n === chosen && 'selected'}>
          ${momentText(Date.parse(each.time))}, ${opWord(each.op)}
        </option>`,
    );
  return html`<form class="filters" action="/items/${id}/differences" method="get">
    <p>
      <label for="from">Compare</label
      ><select id="from" name="from">
        ${options(1)}
      </select>
    </p>
    <p>
      <label for="to">with</label
      ><select id="to" name="to">
        ${options(0)}
      </select>
    </p>
    <p><button>Compare</button></p>
  </form>`;
}
