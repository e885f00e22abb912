import { html, type Html } from './html.ts';

/** The name of a column; of one that holds numbers, that a phone does without, or by which rows are ticked, apart. */
export type Column = string | { number: string } | { extra: string } | { ticks: string };

/** A table that may be wider than a phone. @param caption for who does not see what stands above it */
export function table(columns: readonly Column[], rows: readonly Html[], caption?: string): Html {
  return html`<div class="wide">
    <table>
      ${
        caption !== undefined &&
        html`<caption class="hidden">
          ${caption}
        </caption>`
      }
      <thead>
        <tr>
          ${columns.map(heading)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function heading(column: Column): Html {
  if (typeof column === 'string') return html`<th scope="col">${column}</th>`;
  if ('number' in column) return html`<th scope="col" class="number">${column.number}</th>`;
  if ('extra' in column) return html`<th scope="col" class="extra">${column.extra}</th>`;
  return html`<th scope="col" data-tick-all><span class="hidden">${column.ticks}</span></th>`;
}
