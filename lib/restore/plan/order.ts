/** Who needs whom: ids by the id of the item that names them. */
export type Needs = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The order in which items are made: each after what it names, files and layers before maps and apps where nothing says so. Where two
 * name each other one of them comes first all the same, and is written again when the other is there.
 * @param ids in the order that counts where nothing else does
 */
export function inOrder(ids: readonly string[], needs: Needs): string[] {
  const wanted = new Set(ids);
  const done = new Set<string>();
  const order: string[] = [];
  for (const root of ids) {
    // Not by recursion: a chain may be as long as the list.
    const stack: { id: string; rest: string[] }[] = [];
    const enter = (id: string) => {
      done.add(id);
      stack.push({ id, rest: [...(needs.get(id) ?? [])].filter((other) => wanted.has(other)).sort() });
    };
    if (!done.has(root)) enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) order.push((stack.pop() as { id: string }).id);
      else if (!done.has(next)) enter(next);
    }
  }
  return order;
}
