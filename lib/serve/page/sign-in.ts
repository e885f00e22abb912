import { html } from './html.ts';
import type { Page } from './shell.ts';

/** Asks for the key. `next`: where to go then, a path of this page; `failed`: what the last key was answered with. */
export function signInPage({ next, failed }: { next: string; failed: 401 | 429 | undefined }): Page {
  const body = html`<h1>Sign in</h1>
    ${failed === 429 && html`<p class="standing bad" role="alert">Too many wrong keys were tried. Wait a minute.</p>`}
    ${failed === 401 && html`<p class="standing bad" role="alert">This key opens nothing. Look at ARCHIVE_READ_KEY and ARCHIVE_OPERATOR_KEY in the key vault.</p>`}
    <form class="filters" action="/sign-in" method="post">
      <p>
        <label for="key">Key of the archive</label
        ><input id="key" type="password" name="key" autocomplete="current-password" required autofocus />
      </p>
      <input type="hidden" name="next" value="${next}" />
      <p><button>Sign in</button></p>
    </form>`;
  return { title: 'Sign in', body, status: failed === 401 ? 403 : (failed ?? 200) };
}
