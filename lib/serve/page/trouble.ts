import type { BackupError } from '../../errors.ts';
import { html } from './html.ts';
import type { Page } from './shell.ts';

/** What went wrong, and what to do about it. */
export function trouble(status: number, { code, message, hint }: Pick<BackupError, 'code' | 'message' | 'hint'>): Page {
  const body = html`<h1>${status === 404 ? 'There is no such page' : 'That did not work'}</h1>
    <div class="standing bad">
      <p><strong>${message}</strong></p>
      <p class="cure">${hint}</p>
      <p class="faint"><code>${code}</code></p>
    </div>
    <p><a href="/">To the overview</a></p>`;
  return { title: status === 404 ? 'Not there' : 'That did not work', body, status };
}
