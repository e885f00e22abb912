import { html, type Html, type Piece } from './html.ts';

/** Names with what there is to say of each. */
export function factList(facts: readonly (readonly [name: string, value: Piece])[]): Html {
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
