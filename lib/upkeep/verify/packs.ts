import { infoPacks } from '../../git/layout.ts';
import { damage, type Finding } from './finding.ts';
import { findPacks, packsToRead, type FoundPacks } from './found-packs.ts';
import { readPack, type Watched } from './read-pack.ts';
import type { State } from './state.ts';
import type { Turn } from './turn.ts';
import { lookAt, unlistedNotice } from './unlisted-pack.ts';
import type { Work } from './work.ts';

/**
 * Reads every pack that is in use, object by object; what it finds of the objects goes into the catalog. Then those that lie beside them.
 * Those that come meanwhile are read as well.
 */
export async function verifyPacks(work: Work, turn: Turn): Promise<void> {
  const { state } = work;
  for (;;) {
    const found = await findPacks(work.store);
    const { inUse, beside } = packsToRead(found);
    const isRead = (name: string) => state.packs.some((pack) => pack.name === name);
    const toRead = inUse.filter((name) => !isRead(name));
    const toLookAt = beside.filter((name) => !state.unlisted.has(name) && !isRead(name));
    if (toRead.length + toLookAt.length === 0) break;
    const watch = watcher([...inUse, ...beside], toRead.concat(toLookAt), found, turn);
    for (const name of toRead) if (!(await readPack(work, name, watch(name))) || turn.isOver()) return;
    for (const name of toLookAt) if (!(await lookAt(work, name, watch(name))) || turn.isOver()) return;
  }
  state.arePacksRead = true;
}

function watcher(all: readonly string[], left: readonly string[], { sizes }: FoundPacks, turn: Turn) {
  const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const total = sizeOf(all);
  let rest = sizeOf(left);
  return (name: string): Watched => {
    const size = sizes.get(name) ?? 0;
    const before = total - rest;
    rest -= size;
    const tell = (share: number) =>
      turn.tell({ phase: 'packs', done: Math.round(before + share * size), total, unit: 'bytes' });
    tell(0);
    return { turn, size, tell };
  };
}

/** What was found of the packs, in the order in which they were read. */
export function packFindings({ packs, unlisted }: State, found: FoundPacks): Finding[] {
  const isListLost = found.listed.length === 0 && found.unlisted.length > 0;
  const lost = `${infoPacks} lists no pack, though ${found.unlisted.length} are there.`;
  return [
    ...(isListLost ? [damage(lost, { mend: { do: 'list' } })] : []),
    ...packs.flatMap(({ findings }) => findings),
    ...[...unlisted].map(([name, { isSpoiled: isBad }]) => unlistedNotice(name, isBad)),
  ];
}
