/**
 * JSON as the archive holds it: keys sorted, two spaces, a newline at the end; the same value always gives the same bytes.
 * `undefined` fields are left out.
 */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), undefined, 2)}\n`;
}

/** The value that a text holds as JSON; undefined when it holds none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  // Not an assignment per key: a key `__proto__` would be lost.
  return Object.fromEntries(entries.map(([key, field]) => [key, sorted(field)]));
}
