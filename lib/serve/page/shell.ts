import type { HttpResponseInit } from '@azure/functions';
import { html, type Html } from './html.ts';
import type { Visitor } from './visitor.ts';

/** A page without its frame. */
export interface Page {
  title: string;
  /** which part of the menu it belongs to */
  part?: 'overview' | 'items' | 'runs' | 'restores' | 'warnings';
  body: Html;
  status?: number;
}

const parts = {
  overview: ['/', 'Overview'],
  items: ['/items', 'Items'],
  runs: ['/runs', 'Runs'],
  restores: ['/restores', 'Restores'],
  warnings: ['/warnings', 'Warnings'],
} as const;

/** Under these nothing runs but our own script, and nobody frames the page. https://www.w3.org/TR/CSP3/ */
export const safe: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  // With `no-referrer` a browser sends the page's own forms with `Origin: null`, and they would be refused as foreign.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-store',
};

/** A whole page, with the menu for whoever is signed in. */
export function inShell({ title, part, body, status = 200 }: Page, visitor?: Visitor): HttpResponseInit {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – ago-backup</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <script src="/assets/page.js" type="module"></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
          <a class="name" href="/">ago-backup</a>
          ${visitor && menu(part, visitor)}
        </header>
        <main id="content" tabindex="-1">${body}</main>
      </body>
    </html> `;
  return { status, body: page.toString(), headers: { ...safe, 'content-type': 'text/html; charset=utf-8' } };
}

function menu(current: Page['part'], visitor: Visitor): Html {
  const links = Object.entries(parts).map(
    ([name, [address, text]]) =>
      html`<li><a href="${address}" ${name === current && html`aria-current="page"`}>${text}</a></li>`,
  );
  return html`<nav aria-label="Main">
      <ul>
        ${links}
      </ul>
    </nav>
    <search>
      <form action="/items" method="get">
        <label class="hidden" for="find">Find an item</label>
        <input id="find" type="search" name="q" placeholder="Find an item" /><input
          type="hidden"
          name="state"
          value="all"
        /><button>Find</button>
      </form>
    </search>
    ${visitor.signedIn && signOut(visitor)}`;
}

/** Of Microsoft's session App Service disposes, at an address of its own. */
export const microsoftSignOut = '/.auth/logout?post_logout_redirect_uri=%2Fsign-in';

function signOut(visitor: Visitor): Html {
  if (visitor.signedIn === 'microsoft') return html`<a href="${microsoftSignOut}">Sign out</a>`;
  return html`<form action="/sign-out" method="post">${token(visitor)}<button class="quiet">Sign out</button></form>`;
}

/** What proves that a form is the page's own. */
export function token(visitor: Visitor): Html {
  return html`<input type="hidden" name="token" value="${visitor.token}" />`;
}

/** Leads elsewhere after something was done, so that a reload does not do it again. */
export function seeOther(location: string, headers: Record<string, string> = {}): HttpResponseInit {
  return { status: 303, headers: { ...safe, location, ...headers } };
}
