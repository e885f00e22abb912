import { itemsInOrder, type Danger, type Plan, type PlannedItem, type PlannedLayer } from '../../restore/words.ts';
import { factList } from './fact-list.ts';
import { html, type Html } from './html.ts';
import { table } from './table.ts';
import { count, itemLink, many, moment, named, size, thingLink } from './words.ts';

const dangers: Record<Danger, readonly [look: string, word: string]> = {
  0: ['', 'reads'],
  1: ['good', 'adds'],
  2: ['middling', 'overwrites'],
  3: ['bad', 'deletes'],
};
const states = { live: 'lives', bin: 'in the recycle bin', gone: 'gone', unknown: 'nobody can say' } as const;
const modes = {
  'in-place': 'where it is',
  bin: 'out of the recycle bin',
  beside: 'as a copy beside it',
  new: 'as a new item',
} as const;

/** What a restore does or would do: nothing of it is left unsaid. */
export function planView(plan: Plan): Html {
  const { target, items, order, needs, warnings, dangling, pointing = [] } = plan;
  const doing = itemsInOrder(plan).filter(({ blocked }) => blocked === null);
  const title = (id: string | null) => items.find(({ itemId }) => itemId === id)?.title ?? id ?? 'All';
  return html`${factList([
    ['Into', html`<bdi>${target.portal}</bdi>, ${named(target.organization)}`],
    ['As', named(target.account)],
    ['As it stood', plan.at],
    ['To do', `${many(order.length, 'item')}, about ${many(needs.requests, 'write')}, ${size(needs.bytes)}`],
  ])}
  ${notDone(items)}
  ${
    warnings.length + dangling.length + pointing.length + needs.privileges.length > 0 &&
    html`<section aria-labelledby="mind">
      <h2 id="mind">To mind</h2>
      <ul>
        ${needs.privileges.length > 0 && html`<li>The account lacks ${needs.privileges.join(', ')}.</li>`}
        ${warnings.map(({ code, itemId, message }) => html`<li><code>${code}</code> ${itemLink(itemId, title(itemId))}: ${message}</li>`)}
        ${dangling.map(({ itemId, names }) => html`<li>${itemLink(itemId, title(itemId))} names <code>${names}</code>, which is not there.</li>`)}
        ${pointing.map(
          (each) =>
            html`<li>
              ${thingLink(each)} names <code>${each.names.join(', ')}</code>, which is called otherwise when it is made
              anew${isRepointed(plan, each.itemId) ? '; it is re-pointed' : ''}.
            </li>`,
        )}
      </ul>
    </section>`
  }
  ${doing.length > 0 && steps(doing)}`;
}

function isRepointed({ items }: Plan, itemId: string): boolean {
  return items.some((item) => item.itemId === itemId && item.blocked === null);
}

function notDone(items: readonly PlannedItem[]): Html | false {
  const blocked = items.filter((item) => item.blocked !== null);
  return (
    blocked.length > 0 &&
    html`<section aria-labelledby="not">
      <h2 id="not">Not restored</h2>
      <ul class="list">
        ${blocked.map(
          (item) =>
            html`<li>
              ${thingLink(item)} <span class="faint">${item.type} of <bdi>${item.owner}</bdi></span
              >: ${item.blocked?.message} <span class="cure">${item.blocked?.hint}</span>
              <code>${item.blocked?.code}</code>
            </li>`,
        )}
      </ul>
    </section>`
  );
}

function steps(items: readonly PlannedItem[]): Html {
  return html`<section aria-labelledby="steps">
    <h2 id="steps">What is done, in this order</h2>
    ${table(
      ['Item', 'Now', 'How', 'Steps'],
      items.map(
        (item) =>
          html`<tr>
            <th scope="row">
              ${thingLink(item, item.commit)}
              <span class="faint"
                >${item.type} of
                <bdi>${item.owner}</bdi>${item.savedAt !== undefined && html`, as of ${moment(item.savedAt)}`}</span
              >
            </th>
            <td>${states[item.state]}</td>
            <td>${modes[item.mode]}</td>
            <td>${item.steps.length === 0 ? 'is as it was' : stepList(item)}</td>
          </tr>`,
      ),
    )}
  </section>`;
}

function stepList({ steps: all, layers = [] }: PlannedItem): Html {
  return html`<ul class="plain">
      ${all.map(({ danger, what }) => html`<li><span class="mark ${dangers[danger][0]}">${dangers[danger][1]}</span> ${what}</li>`)}
    </ul>
    ${layers.map(rowsOf)}`;
}

/** How many rows of each kind a layer has, and which the first of them are. */
function rowsOf({ name, then, now, missing, changed, added, first }: PlannedLayer): Html {
  if (missing === null)
    return html`<p>
      ${named(name)}: ${many(then ?? 0, 'row')}, compared when the portal has made a private copy of the version
    </p>`;
  return html`<details>
    <summary>
      ${named(name)}: ${many(then ?? 0, 'row')} then, ${now === null ? 'no layer' : count(now)} now; ${count(missing)}
      missing, ${count(changed ?? 0)} changed, ${count(added ?? 0)} added since
    </summary>
    <ul>
      ${first.map(({ is, key, fields }) => html`<li>${is} <code>${key}</code> <bdi>${fields.join(', ')}</bdi></li>`)}
    </ul>
  </details>`;
}
