import type { VersionText } from '../../history/describe.ts';
import { momentText } from '../../backup/report.ts';
import { html, type Html } from './html.ts';
import { opMark, opWord } from './outcome.ts';
import { itemAddress, many, moment, size } from './words.ts';

/** Versions by change, newest first, each with the way to look at it and to compare it. */
export function versionList(id: string, versions: readonly VersionText[], current: string): Html {
  const point = (each: VersionText, n: number) => {
    const earlier = versions.slice(n + 1).find(({ op }) => op !== 'removed');
    return html`<li ${each.commit === current && html`aria-current="true"`}>
      ${opMark(each.op)}
      ${each.op === 'removed' ? moment(each.time) : html`<a href="${itemAddress(id, each.commit)}">${moment(each.time)}</a>`}
      ${each.what.length > 0 && html`<span>${each.what.join(', ')}</span>`}
      <span class="faint"
        >${each.op !== 'removed' && size(each.size)}${
          each.layers.length > 0 &&
          html`,
          ${many(
            each.layers.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
            'row',
          )}`
        }</span
      >
      ${each.op !== 'removed' && earlier && html`<a href="/items/${id}/differences?from=${earlier.commit}&amp;to=${each.commit}">What changed</a>`}
    </li>`;
  };
  const there = versions.filter(({ op }) => op !== 'removed');
  return html`<section aria-labelledby="versions">
    <h2 id="versions">Versions</h2>
    <ol class="timeline">
      ${versions.map(point)}
    </ol>
    ${there.length > 1 && compareForm(id, there)}
  </section>`;
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
