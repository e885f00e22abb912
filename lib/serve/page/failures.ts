import type { ItemFailure } from '../../backup/run.ts';
import { html, type Html } from './html.ts';
import type { Ended } from './site.ts';
import { itemLink, many, named } from './words.ts';

/** All failures of a run, by their cause, with the cure once: a hundred items that failed alike are one thing to do. */
export function failuresByCause({ failures }: Pick<Ended, 'failures'>, most = Infinity): Html {
  const causes = Map.groupBy(failures, ({ code, hint }) => `${code} ${hint}`);
  return html`${[...causes.values()].map((same) => cause(same, most))}`;
}

function cause(same: readonly ItemFailure[], most: number): Html {
  const [first] = same;
  if (first === undefined) return html``;
  return html`<div class="cause">
    <h3><code>${first.code}</code> <span class="faint">${many(same.length, 'time')}</span></h3>
    <p class="cure">${first.hint}</p>
    <ul>
      ${same.slice(0, most).map((each) => html`<li>${who(each)}: ${each.message}</li>`)}
    </ul>
    ${same.length > most && html`<p class="faint">and ${same.length - most} more</p>`}
  </div>`;
}

function who({ itemId, title, owner, part }: ItemFailure): Html {
  const what = itemId === null && owner !== '' ? html`the content of ${named(owner)}` : itemLink(itemId, title);
  return html`${what}${part !== undefined && html` (<bdi>${part}</bdi>)`}${itemId !== null && html` <span class="faint">of <bdi>${owner}</bdi></span>`}`;
}
