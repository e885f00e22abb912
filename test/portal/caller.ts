import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startPortal, type PortalOptions, type SimulatedPortal } from '../support/portal/portal.ts';

/** Asks the portal by plain fetch, so that nothing of the backup is between the test and the answer. */
export class Caller {
  readonly portal: SimulatedPortal;
  readonly #token: string | null;

  constructor(portal: SimulatedPortal, username: string | null) {
    this.portal = portal;
    this.#token = username === null ? null : portal.tokens.issue(username, 60).token;
  }

  /** The answer itself, without f; redirects are not followed. */
  get(path: string, params: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({ ...params, ...(this.#token !== null && { token: this.#token }) });
    return fetch(`${this.portal.url}${path}?${query.toString()}`, { headers, redirect: 'manual' });
  }

  /** The JSON of an answer under /sharing/rest or /arcgis/rest. */
  async read<T = Answer>(path: string, params: Record<string, string> = {}): Promise<T> {
    const response = await this.get(path, { f: 'json', ...params });
    assert.equal(response.status, 200, path);
    return (await response.json()) as T;
  }

  /** The JSON of an answer to a form. */
  async post<T = Answer>(path: string, params: Record<string, string> = {}): Promise<T> {
    const form = { f: 'json', ...params, ...(this.#token !== null && { token: this.#token }) };
    const response = await fetch(this.portal.url + path, { method: 'POST', body: new URLSearchParams(form) });
    return (await response.json()) as T;
  }

  /** The JSON of an answer to a form with files; parameters of the address stand in the path. */
  async send<T = Answer>(
    path: string,
    files: Record<string, FormFile>,
    params: Record<string, string> = {},
  ): Promise<T> {
    const form = new FormData();
    const fields = { f: 'json', ...params, ...(this.#token !== null && { token: this.#token }) };
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, { name: file, bytes }] of Object.entries(files)) form.set(name, new File([bytes], file));
    const response = await fetch(this.portal.url + path, { method: 'POST', body: form });
    return (await response.json()) as T;
  }
}

/** A portal with ana and ben as above, and a second administrator, who may change everything that the first may not. */
export async function openKeepers(t: TestContext, options: PortalOptions = {}) {
  const opened = await openCallers(t, options);
  opened.org.addMember('keeper', { role: 'org_admin' });
  return { ...opened, keeper: new Caller(opened.portal, 'keeper') };
}

/** A file of a form. */
export interface FormFile {
  name: string;
  bytes: Buffer | string;
}

/** What the answers of several routes hold. */
export interface Answer {
  error?: { code: number; messageCode?: string; message: string; details: string[] };
  total: number;
  start: number;
  num: number;
  nextStart: number;
  items: Found[];
  results: Found[];
  [field: string]: unknown;
}

/** An item in a list. */
export interface Found {
  id: string;
  owner: string;
  title: string | null;
  size: number;
  url: string | null;
  ownerFolder: string | null;
}

/** A portal with ana and ben beside the administrator, and callers of it. */
export async function openCallers(t: TestContext, options: PortalOptions = {}) {
  const portal = await startPortal(options);
  t.after(() => portal.close());
  for (const name of ['ana', 'ben']) if (!portal.org.accounts.has(name)) portal.org.addMember(name);
  const as = (username: string | null) => new Caller(portal, username);
  return { portal, org: portal.org, admin: as('backup'), ana: as('ana'), ben: as('ben'), nobody: as(null) };
}

/** Root of the portal's REST API. */
export const rest = '/sharing/rest';

/** The error of an answer as code and message code; undefined for a good answer. */
export function errorOf({ error }: Answer): [number, string?] | undefined {
  if (error === undefined) return undefined;
  return error.messageCode === undefined ? [error.code] : [error.code, error.messageCode];
}
