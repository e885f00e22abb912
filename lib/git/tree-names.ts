import type { TreeEntry } from './tree-bytes.ts';

const names = new WeakMap<readonly TreeEntry[], ReadonlyMap<string, TreeEntry>>();

/** The entry of this name. Thousands are looked up in one folder, one by one: what was looked into once is known by name. */
export function entryNamed(entries: readonly TreeEntry[], name: string): TreeEntry | undefined {
  const known = names.get(entries) ?? new Map(entries.map((entry) => [entry.name, entry]));
  names.set(entries, known);
  return known.get(name);
}
