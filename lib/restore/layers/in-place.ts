import { BackupError, endsRun } from '../../errors.ts';
import { needItem, type Target } from '../aspects/aspect.ts';
import type { Frozen, RowsNote } from '../journal/entries.ts';
import { progressOf } from '../journal/entries.ts';
import type { UnderWay } from '../under-way.ts';
import { readVersion } from '../version.ts';
import type { Difference, RowsWish } from '../words.ts';
import { editsOf } from './edits.ts';
import { freeze, frozenIn, thaw } from './frozen.ts';
import { compareRows, differencesOfRows } from './rows/compare.ts';
import { mendRows } from './rows/gently.ts';
import { loadRows } from './rows/load.ts';
import { openSource } from './rows/open-source.ts';
import type { Copying } from './rows/private-copy.ts';
import type { RowSource } from './rows/source.ts';

/** The rows of a living hosted layer while they are put back (restore.md 2.3). */
interface Rows {
  under: UnderWay;
  target: Target;
  wish: RowsWish;
  notes: () => readonly RowsNote[];
  note: (what: RowsNote) => Promise<void>;
}

function rowsOf(under: UnderWay, target: Target): Rows {
  const { journal } = under;
  const { itemId } = target.version;
  return {
    under,
    target,
    wish: journal.restore.rows ?? { how: 'all' },
    notes: () => progressOf(journal.standing, itemId).rows,
    note: (rows) => journal.write({ kind: 'rows', itemId, rows }),
  };
}

/**
 * Does the work on a layer while nobody else edits it; afterwards it is open again as it was, also when the work fails. What ends the
 * whole restore leaves it closed, until that is resumed. Throws RESTORE_STALE when rows were edited since they were saved.
 */
export async function whileFrozen(under: UnderWay, target: Target, work: () => Promise<void>): Promise<void> {
  const rows = rowsOf(under, target);
  // Whoever mends single rows is in nobody's way.
  if (rows.wish.how !== 'all') {
    if (!rows.notes().some(({ is }) => is === 'adding')) await refuseEdited(rows, rows.wish.how === 'exact');
    return work();
  }
  const { restorer } = under;
  const before = frozenIn(rows.notes()) ?? (await remember(rows));
  try {
    await freeze(restorer, target.id, before);
    await refuseEdited(rows, true);
    await work();
  } catch (error) {
    // Nobody is to edit a layer that lacks rows.
    if (error instanceof BackupError && !endsRun(error) && error.code !== 'RESTORE_HALF') await open(rows);
    throw error;
  }
  await open(rows);
}

/** How the service is, written down before it is closed. */
async function remember({ under, target, note, ...rows }: Rows): Promise<Frozen> {
  // One that is taken back may have left it closed.
  const left = under.journal.restore.targets[target.version.itemId]?.frozen;
  const { capabilities, tracking } = left ?? (await under.restorer.portal.hosted(await needItem(target)));
  await refuseEdited({ under, target, note, ...rows }, true);
  const before = { is: 'frozen', capabilities, tracking } as const;
  await note(before);
  return before;
}

async function open(rows: Rows): Promise<void> {
  const before = frozenIn(rows.notes());
  if (before === undefined) return;
  const made = await thaw(rows.under.restorer, rows.target.id, before);
  if (made.length > 0) {
    const what = `switching editor tracking on again has made the fields ${made.join(', ')}`;
    const loaded = rows.notes().findLast((each) => each.is === 'loaded');
    if (loaded?.is === 'loaded')
      await rows.note({ is: 'loaded', differences: [...loaded.differences, { part: 'rows', what }] });
  }
  await rows.note({ is: 'thawed' });
}

/** Rows that were edited after they had been saved would be lost. */
async function refuseEdited({ under, target, notes }: Rows, isStrict: boolean): Promise<void> {
  if (!isStrict) return;
  const last = notes().findLast(({ is }) => is === 'emptying' || is === 'returned' || is === 'adding');
  if (last?.is === 'emptying' || last?.is === 'adding') return;
  const { itemId } = target.version;
  const saved = under.journal.standing.saved.findLast(({ layers }) => layers !== undefined && itemId in layers);
  const known = last?.is === 'returned' ? last.edits : saved?.layers?.[itemId]?.edits;
  const now = await editsOf(under.restorer.portal, await needItem(target));
  if (known === now) return;
  throw new BackupError(
    'RESTORE_STALE',
    known === undefined
      ? `The rows of ${itemId} were not saved before.`
      : `Rows of ${itemId} were edited after they had been saved, and are left as they are.`,
  );
}

const copyingOf = ({ deps, restorer, account, journal }: UnderWay): Copying => ({
  archive: deps.run,
  restorer,
  clock: deps.run.clock,
  account,
  mark: journal.restore.mark,
});

/**
 * Makes the rows of a layer those of the version. When that fails after rows have gone, those that were there before are loaded back.
 * Throws RESTORE_COPY, RESTORE_HALF, RESTORE_REFUSED, PORTAL_….
 */
export async function putBackRows(under: UnderWay, target: Target): Promise<void> {
  const rows = rowsOf(under, target);
  await withSource(rows, (source) => (rows.wish.how === 'all' ? replace(rows, source) : mend(rows, source)));
}

/** Loads the rows of a version into a service that this restore has made, and compares them. Throws as `putBackRows`. */
export async function fillNew(under: UnderWay, target: Target): Promise<void> {
  const rows = rowsOf(under, target);
  await withSource(rows, async (source) => {
    await load(rows, source);
    await rows.note({ is: 'loaded', differences: differencesOfRows(await compare(rows, source)) });
  });
}

async function withSource({ under, target, note }: Rows, work: (source: RowSource) => Promise<void>): Promise<void> {
  const opened = await openSource(copyingOf(under), target.version, note);
  try {
    await work(opened.source);
  } catch (error) {
    if (error instanceof BackupError && !endsRun(error)) await opened.close();
    throw error;
  }
  await opened.close();
}

async function replace(rows: Rows, source: RowSource): Promise<void> {
  await rows.note({ is: 'emptying' });
  try {
    await load(rows, source);
    const differences = differencesOfRows(await compare(rows, source));
    if (differences.some(({ equivalent }) => equivalent !== true))
      throw new BackupError('RESTORE_REFUSED', `The rows are not those of the version: ${wordsOf(differences)}.`);
    await rows.note({ is: 'loaded', differences });
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    await bringBack(rows, error);
    throw new BackupError(error.code, `${error.message} What was there before was loaded back.`, {
      hint: error.hint,
      cause: error,
    });
  }
}

const wordsOf = (differences: readonly Difference[]) => differences.map(({ what }) => what).join('; ');

async function load({ under, target }: Rows, source: RowSource): Promise<void> {
  const { restorer, deps } = under;
  const service = await restorer.portal.hosted(await needItem(target));
  await loadRows({ services: restorer.services, clock: deps.run.clock }, service, source);
}

async function compare({ under, target, wish }: Rows, source: RowSource) {
  const service = await under.restorer.portal.hosted(await needItem(target));
  return compareRows(service, source, { fields: wish.fields });
}

/** Loads what was there before. Throws RESTORE_HALF. */
async function bringBack(rows: Rows, first: BackupError): Promise<void> {
  const { under, target } = rows;
  const { itemId } = target.version;
  const saved = under.journal.standing.saved.findLast(({ layers }) => layers !== undefined && itemId in layers);
  try {
    const tree = saved?.layers?.[itemId]?.tree;
    if (saved === undefined || tree === undefined)
      throw new BackupError('RESTORE_DAMAGED', 'It is not in the archive.');
    const before = await readVersion(under.deps.run, { itemId, commit: saved.commit, tree });
    const opened = await openSource(copyingOf(under), before, rows.note);
    await load(rows, opened.source);
    const differences = differencesOfRows(await compare(rows, opened.source));
    await opened.close();
    if (differences.some(({ equivalent }) => equivalent !== true))
      throw new BackupError('RESTORE_REFUSED', `It is not what it was: ${wordsOf(differences)}.`);
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    throw new BackupError(
      'RESTORE_HALF',
      `${first.message} What was there before could not be loaded back either: ${error.message} It is commit ${saved?.commit ?? 'unknown'}.`,
    );
  }
  const edits = await editsOf(under.restorer.portal, await needItem(target));
  await rows.note({ is: 'returned', edits });
}

async function mend(rows: Rows, source: RowSource): Promise<void> {
  const { under, target, wish, note, notes } = rows;
  const { restorer, deps } = under;
  const service = await restorer.portal.hosted(await needItem(target));
  const added = new Map<number, string[]>();
  for (const each of notes())
    if (each.is === 'adding') added.set(each.layer, [...(added.get(each.layer) ?? []), ...each.globalIds]);
  const adding = (layer: number, globalIds: string[]) => note({ is: 'adding', layer, globalIds });
  await mendRows({ services: restorer.services, clock: deps.run.clock }, service, source, wish, adding, added);
  const all = await compareRows(await restorer.portal.hosted(await needItem(target)), source, { fields: wish.fields });
  const told = wish.how === 'missing' ? all.map((each) => ({ ...each, changed: 0, stamped: 0 })) : all;
  const differences = differencesOfRows(told, wish.how === 'exact');
  await note({ is: 'loaded', differences });
}

/** What the journal says of how the rows came out; undefined where they were not put back. */
export function rowsEnd(under: Pick<UnderWay, 'journal'>, itemId: string): Difference[] | undefined {
  const loaded = progressOf(under.journal.standing, itemId).rows.findLast(({ is }) => is === 'loaded');
  return loaded?.is === 'loaded' ? loaded.differences : undefined;
}
