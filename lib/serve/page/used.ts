import type { Shown } from '../../history/show.ts';
import { html, type Html } from './html.ts';
import { itemLink, many } from './words.ts';

/** What an item needs. */
export function uses({ uses: all }: Shown): Html | false {
  return (
    all.length > 0 &&
    html`<section>
      <h2>Uses <span class="faint">what this item needs</span></h2>
      <ul>
        ${all.map((each) => html`<li>${end(each)}</li>`)}
      </ul>
    </section>`
  );
}

/** What would break without an item. */
export function usedBy({ usedBy: all }: Shown): Html {
  return html`<section>
    <h2>Used by <span class="faint">what would break without it</span></h2>
    ${
      all.length === 0
        ? html`<p class="faint">Nothing in the archive names it.</p>`
        : html`<p>
              ${many(all.length, 'item')} ${all.length === 1 ? 'hangs' : 'hang'} on it, directly or through others.
            </p>
            <ul>
              ${all.map((each) => html`<li>${end(each)}${each.depth > 1 && html` <span class="faint">through others (${each.depth})</span>`}</li>`)}
            </ul>`
    }
  </section>`;
}

function end({ itemId, title, owner, type, url }: Shown['uses'][number]): Html {
  if (itemId === null) return html`<bdi>${url}</bdi> <span class="faint">a service that is not in the archive</span>`;
  if (title === null) return html`<code>${itemId}</code> <span class="faint">not in the archive</span>`;
  return html`${itemLink(itemId, title)} <span class="faint">${type} of <bdi>${owner}</bdi></span>`;
}
