/** An item that may be drilled. */
export interface Drillable {
  itemId: string;
  type: string;
  /** bytes */
  size: number;
}

/** Larger items are not drilled: their copies would take the portal longer than the proof is worth. */
const largest = 100 * 1024 * 1024;

/**
 * Items for a drill: of as many types as there may be, those types first that were not drilled for longest, and of each the item that
 * was not.
 * @param lastly when items were drilled last, epoch ms, by their id
 */
export function pickItems(items: readonly Drillable[], lastly: ReadonlyMap<string, number>, most: number): string[] {
  const when = ({ itemId }: Drillable) => lastly.get(itemId) ?? 0;
  const small = items.filter(({ size }) => size <= largest);
  const types = [...Map.groupBy(small, ({ type }) => type)].map(([type, all]) => ({
    type,
    latest: Math.max(...all.map(when)),
    // By its id where nothing else tells them apart, so that the same archive is drilled in the same way.
    all: all.sort((a, b) => when(a) - when(b) || (a.itemId < b.itemId ? -1 : 1)),
  }));
  types.sort((a, b) => a.latest - b.latest || (a.type < b.type ? -1 : 1));
  const picked: string[] = [];
  for (let turn = 0; picked.length < most && types.some(({ all }) => turn < all.length); turn++)
    for (const { all } of types) picked.push(...all.slice(turn, turn + 1).map(({ itemId }) => itemId));
  return picked.slice(0, most);
}
