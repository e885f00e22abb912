import type { HttpResponseInit } from '@azure/functions';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

const types = { 'style.css': 'text/css', 'page.js': 'text/javascript', 'icon.svg': 'image/svg+xml' } as const;
const read = new Map<string, Buffer>();

/** A file that every page needs; undefined for any other address. They lie in `page/` of the package. */
export function asset(pathname: string): HttpResponseInit | undefined {
  const name = /^\/assets\/([\w.]+)$/.exec(pathname)?.[1] ?? '';
  if (!Object.hasOwn(types, name)) return undefined;
  const bytes =
    read.get(name) ?? readFileSync(join(dirname(findPackageJSON('..', import.meta.url) ?? ''), 'page', name));
  read.set(name, bytes);
  const headers = {
    'content-type': `${types[name as keyof typeof types]}; charset=utf-8`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=300',
  };
  return { status: 200, body: bytes, headers };
}
