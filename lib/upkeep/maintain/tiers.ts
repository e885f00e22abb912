/** A pack, by its size. */
export interface SizedPack {
  name: string;
  /** bytes */
  size: number;
}

/**
 * The most packs that stay listed: cloning over plain HTTP takes about twelve requests a pack
 * (git-on-blob-storage.md, section 2).
 */
export const mostPacks = 20;

/**
 * Which packs become one. What is left is in tiers: each pack is larger than all smaller ones together, so that their number
 * grows with the logarithm of their size. A pack is taken only where the new one is at least twice as large, so each byte is
 * written again as seldom as that: git's own geometric repacking (https://git-scm.com/docs/git-repack, --geometric).
 * @returns smallest first; fewer than two = nothing to gain
 */
export function chooseTier<P extends SizedPack>(packs: readonly P[]): P[] {
  const sorted = [...packs].sort((a, b) => a.size - b.size);
  let smaller = 0;
  let end = 0;
  for (const [n, { size }] of sorted.entries()) {
    if (n > 0 && smaller >= size) end = n + 1;
    smaller += size;
  }
  // Twenty tiers are a million times the smallest: there a few bytes more do no harm, and one pack more does.
  if (end === 0 && sorted.length > mostPacks) end = 2;
  return sorted.slice(0, end);
}
