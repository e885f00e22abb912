import type { Shown } from '../../history/show.ts';
import { html, type Html } from './html.ts';
import { table } from './table.ts';
import { count, named, size } from './words.ts';

/** The address of a file of a version: to be saved, or to be seen where it is a picture. */
export function partAddress({ item, version }: Shown, as: 'files' | 'picture', path: string): string {
  return `/items/${item.itemId}/${as}/${version.commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The files of a version, to be saved one by one. */
export function files(shown: Shown): Html | false {
  const { parts } = shown;
  return (
    parts.length > 0 &&
    html`<section aria-labelledby="files">
      <h2 id="files">Files <span class="faint">${count(parts.length)}</span></h2>
      ${table(
        ['File', 'What it is', { number: 'Size' }],
        parts.map(
          (part) =>
            html`<tr>
              <th scope="row">
                <a href="${partAddress(shown, 'files', part.path)}" download><bdi>${part.path}</bdi></a>
              </th>
              <td>${part.role}</td>
              <td class="number">${size(part.size)}</td>
            </tr>`,
        ),
      )}
    </section>`
  );
}

/** The layers of a version, with their rows. */
export function layers({ layers }: Shown): Html | false {
  return (
    layers.length > 0 &&
    html`<section aria-labelledby="layers">
      <h2 id="layers">Layers</h2>
      ${table(
        ['Layer', { number: 'Rows' }, { number: 'Attachments' }],
        layers.map(
          ({ id, name, rows, attachments }) =>
            html`<tr>
              <th scope="row">${named(name)} <span class="faint">${id}</span></th>
              <td class="number">${rows === null ? '?' : count(rows)}</td>
              <td class="number">${attachments === null ? '' : count(attachments)}</td>
            </tr>`,
        ),
      )}
    </section>`
  );
}
