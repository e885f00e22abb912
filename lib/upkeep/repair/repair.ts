import { numberOf } from '../../backup/words.ts';
import { toFailure } from '../../errors.ts';
import { keepAside } from '../set-aside.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { RepairStep } from '../verify/finding.ts';
import { deriveIndex, rebuildIndex, placeLarge, putAside, writeFile } from './step.ts';
import { mendBranch } from './branch.ts';
import { mendList } from './pack-list.ts';
import { verify, type Verdict } from '../verify/verify.ts';

/** What a repair works with. */
export interface RepairParts {
  store: BlobStore;
  /** commits that runs recorded, in any order */
  recordedCommits: () => AsyncIterable<string>;
  /** Makes the derived index of a member's tree. */
  derive: (tree: string) => Promise<void>;
  /** Fetches items again; a sentence for each that could not be. */
  fetchItems: (ids: readonly string[]) => Promise<string[]>;
  /** Hears what is done, sentence by sentence. */
  tell: (sentence: string) => void;
  /** 40 fresh hex digits */
  random: () => string;
}

/** What a repair came to. */
export interface Repaired {
  before: Verdict;
  done: string[];
  failed: string[];
  after: Verdict;
}

/** Each step may bring to light what the next one mends: an index its objects, a list its history, a branch its items. */
const steps: readonly (readonly RepairStep['do'][])[] = [
  ['write', 'index', 'aside'],
  ['list'],
  ['branch'],
  ['list'],
  ['large'],
  ['fetch', 'derive'],
  ['list'],
];

const everything = { from: 0, to: 1 };

/** Steps that may bring more to light, or mend what others are about. */
const uncovering: ReadonlySet<string> = new Set<RepairStep['do']>(['index', 'list', 'branch']);

/**
 * What `repair` would do about these findings, in its order, as far as one verification can tell: it verifies again after each
 * step, and what that finds is known only then.
 */
export function planOf(verdict: Pick<Verdict, 'findings' | 'accepted'>): string[] {
  const mends = steps.flatMap((kinds) => mendsOf(verdict, kinds));
  const lines = [...new Set(mends.map(sentence))];
  const isOpen = mends.some((mend) => uncovering.has(mend.do));
  return isOpen
    ? [...lines, 'After each of these verify again: leave what that has mended, and mend what it uncovers.']
    : lines;
}

/**
 * Verifies, mends what can be mended, and verifies again. What is replaced is set aside under `ago-backup/set-aside/` for
 * 14 days; nothing else is deleted, and every write holds only for what was read, so a run beside it loses nothing.
 * May be run again after any failure. Throws STORE_… when the store does not answer.
 */
export async function repair(parts: RepairParts): Promise<Repaired> {
  const before = await verify(parts.store, everything);
  // What is known now; null where something was changed since, or large files were not read.
  let [now, whole]: (Verdict | null)[] = [before, before];
  const done: string[] = [];
  const failed: string[] = [];
  for (const kinds of steps) {
    // Large files are read again only where their damage counts: an archive has many of them.
    if (kinds.includes('large') || kinds.includes('fetch')) now = whole ??= await verify(parts.store, everything);
    now ??= await verify(parts.store, { from: 0, to: 0 });
    const mends = mendsOf(now, kinds);
    if (mends.length === 0) continue;
    for (const { ok, text } of await mendAll(parts, mends)) {
      (ok ? done : failed).push(text);
      parts.tell(text);
    }
    now = whole = null;
  }
  return { before, done, failed, after: whole ?? (await verify(parts.store, everything)) };
}

// What is accepted is mended all the same once there is a copy.
function mendsOf(
  { findings, accepted }: Pick<Verdict, 'findings' | 'accepted'>,
  kinds: readonly RepairStep['do'][],
): RepairStep[] {
  const mends = [...findings, ...accepted].flatMap(({ mend }) => mend ?? []);
  // What the branch leads to may lie in a pack that is not listed: going back to an older commit is the last resort.
  if (kinds.includes('list') && mends.some((mend) => mend.do === 'branch')) mends.push({ do: 'list' });
  return mends.filter((mend) => kinds.includes(mend.do));
}

interface Outcome {
  ok: boolean;
  text: string;
}

async function mendAll(parts: RepairParts, mends: readonly RepairStep[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const attempt = async (what: string, act: () => Promise<string | undefined>) => {
    try {
      const text = await act();
      if (text !== undefined) outcomes.push({ ok: true, text });
    } catch (error) {
      const { code, message } = toFailure(error);
      outcomes.push({ ok: false, text: `${what} ${code}: ${message}` });
    }
  };
  for (const mend of unique(mends)) await attempt(`${sentence(mend).slice(0, -1)}: failed:`, () => act(parts, mend));
  const ids = [...new Set(mends.flatMap((mend) => (mend.do === 'fetch' ? [mend.itemId] : [])))];
  if (ids.length > 0)
    await attempt(`Fetching ${numberOf(ids.length, 'item')} again failed:`, async () => {
      for (const mend of mends)
        if (mend.do === 'fetch' && mend.instead !== undefined) await keepAside(parts.store, mend.instead);
      const problems = await parts.fetchItems(ids);
      outcomes.push(...problems.map((text) => ({ ok: false, text })));
      const fetched = ids.length - problems.length;
      return fetched > 0 ? `Fetched ${numberOf(fetched, 'item')} again from the portal.` : undefined;
    });
  return outcomes;
}

function unique(mends: readonly RepairStep[]): RepairStep[] {
  return [
    ...new Map(mends.filter(({ do: kind }) => kind !== 'fetch').map((mend) => [JSON.stringify(mend), mend])).values(),
  ];
}

function act({ store, recordedCommits, derive, random }: RepairParts, mend: RepairStep): Promise<string | undefined> {
  switch (mend.do) {
    case 'write':
      return writeFile(store, mend.name, mend.text, mend.etag);
    case 'index':
      return rebuildIndex(store, mend.pack);
    case 'list':
      return mendList(store, random);
    case 'branch':
      return mendBranch(store, recordedCommits());
    case 'aside':
      return putAside(store, mend.name);
    case 'large':
      return placeLarge(store, mend.sha256, mend.from);
    case 'derive':
      return deriveIndex(store, mend.tree, derive);
    case 'fetch':
      throw new RangeError('items are fetched all together');
  }
}

function sentence(mend: RepairStep): string {
  switch (mend.do) {
    case 'write':
      return `Write ${mend.name}.`;
    case 'index':
      return `Make the index of pack-${mend.pack} from the pack.`;
    case 'list':
      return 'Look for what is missing in other packs and in what was set aside; list what has it, and no damaged packs that nothing needs any more.';
    case 'branch':
      return 'Put the branch back to the last commit that a run recorded.';
    case 'aside':
      return `Put ${mend.name} aside.`;
    case 'large':
      return `Put the Git LFS object ${mend.sha256} in its place.`;
    case 'derive':
      return `Make the derived index ${mend.tree} from the tree.`;
    case 'fetch':
      return `Fetch item ${mend.itemId} from the portal again.`;
  }
}
