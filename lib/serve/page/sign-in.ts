import { html } from './html.ts';
import { microsoftSignOut, type Page } from './shell.ts';

/** What the page that asks for a key is made of. */
interface Asking {
  /** where to go then, a path of this page */
  next: string;
  /** what the last key was answered with */
  failed: 401 | 429 | undefined;
  /** people of the directory come in without a key */
  hasMicrosoft: boolean;
  /** signed in with Microsoft, and has no role here */
  isStranger: boolean;
}

/** Asks for the key, or leads to Microsoft's page. */
export function signInPage({ next, failed, hasMicrosoft, isStranger }: Asking): Page {
  const body = html`<h1>Sign in</h1>
    ${failed === 429 && html`<p class="standing bad" role="alert">Too many wrong keys were tried. Wait a minute.</p>`}
    ${failed === 401 && html`<p class="standing bad" role="alert">This key opens nothing. Look at ARCHIVE_READ_KEY and ARCHIVE_OPERATOR_KEY in the key vault.</p>`}
    ${isStranger && html`<p class="standing bad" role="alert">Your account is of another directory, or has neither of the app roles Reader and Operator. Who administers Microsoft Entra can assign one to you, under Enterprise applications. <a href="${microsoftSignOut}">Sign in with another account</a></p>`}
    ${hasMicrosoft && !isStranger && html`<p><a href="/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(next)}">Sign in with Microsoft</a>, or with a key:</p>`}
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
