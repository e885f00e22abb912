import type { Ask } from './ask.ts';

/** The numbers that every listing answers. */
export interface PageNumbers {
  total: number;
  start: number;
  num: number;
  nextStart: number;
}

/** One page of `all`: start counts from 1, num is 10 by default and at most 100, or what a test says (arcgis-rest.md 1). */
export function pageOf<T>(ask: Ask, all: readonly T[]): { numbers: PageNumbers; part: T[] } {
  const start = Math.max(1, Number.parseInt(ask.params.get('start') ?? '1') || 1);
  const num = Math.min(
    ask.state.behaviour.mostOnPage,
    Math.max(1, Number.parseInt(ask.params.get('num') ?? '10') || 10),
  );
  return cut(all, start, num);
}

/** A listing of a member's content: pages of 1,000 when neither start nor num is given, and num then counts. */
export function contentPage<T>(ask: Ask, all: readonly T[]): { numbers: PageNumbers; part: T[] } {
  if (ask.params.has('start') || ask.params.has('num')) return pageOf(ask, all);
  const { numbers, part } = cut(all, 1, 1000);
  return { numbers: { ...numbers, num: part.length }, part };
}

function cut<T>(all: readonly T[], start: number, num: number): { numbers: PageNumbers; part: T[] } {
  const next = start + num;
  const numbers = { total: all.length, start, num, nextStart: next <= all.length ? next : -1 };
  return { numbers, part: all.slice(start - 1, next - 1) };
}

/** `all` in the order of sortField and sortOrder; in the order of arrival without. */
export function sorted<T>(ask: Ask, all: T[], field: (one: T, name: string) => unknown): T[] {
  const name = ask.params.get('sortField');
  if (!name) return all;
  const sign = ask.params.get('sortOrder') === 'desc' ? -1 : 1;
  const key = (one: T) => {
    const value = field(one, name);
    return typeof value === 'number' || typeof value === 'string' ? value : '';
  };
  return [...all].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * (String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0);
  });
}

/** The boolean of a parameter: only the word true is true. */
export function isOn(ask: Ask, name: string): boolean {
  return ask.params.get(name)?.toLowerCase() === 'true';
}
