import { numberOf, oneLine } from '../words.ts';
import type { SavedLayer } from '../item.ts';

/** A table of an export. */
export interface TableCount {
  /** null: the export does not say, or not in a way that is known here */
  name: string | null;
  /** null: not countable */
  rows: number | null;
}

/** What an export holds, as far as it can be counted. */
export interface ExportedTables {
  /** those that a layer or a table of the service may have become */
  tables: readonly TableCount[];
  /** tables of attachments, by the name of the table that they belong to */
  attachments: ReadonlyMap<string, number>;
}

/** Does an export hold the rows of a service? `lacking`: surely not. `unknown`: nothing speaks against it. */
export type RowProof = { is: 'proven' | 'moved' } | { is: 'lacking' | 'unknown'; why: string };

/** What a layer must have in an export. */
interface Want {
  label: string;
  key: string;
  rows: number;
  /** the service does not count it: it must have a table, with any number of rows */
  isUncounted: boolean;
}

/**
 * Compares an export with what the service counted before and after it. Lacking is only what both counts had, so that an
 * export of a service that is edited meanwhile is not taken for short.
 */
export function proveRows(
  before: readonly SavedLayer[],
  after: readonly SavedLayer[],
  { tables }: ExportedTables,
): RowProof {
  const now = new Map(after.map((each) => [each.id, each.rows]));
  const rowsOf = ({ id, rows }: SavedLayer) => Math.min(rows ?? 0, now.get(id) ?? 0);
  const wants = before.map((each) => ({
    label: each.name,
    key: tableKey(each.name),
    rows: rowsOf(each),
    isUncounted: each.rows === null,
  }));
  const found = match(wants, tables);
  if (found.lacking !== undefined) return { is: 'lacking', why: found.lacking };
  if (hasMoved(before, after)) return { is: 'moved' };
  const uncounted = [...before, ...after].find(({ rows }) => rows === null);
  if (uncounted !== undefined) return { is: 'unknown', why: `the service does not count ${quoted(uncounted.name)}` };
  return found.isCounted
    ? { is: 'proven' }
    : { is: 'unknown', why: 'the export is written in a way that is not known' };
}

/** Did layers or their numbers of rows change between two counts? */
export function hasMoved(before: readonly SavedLayer[], after: readonly SavedLayer[]): boolean {
  const now = new Map(after.map((each) => [each.id, each]));
  const isSame = (each: SavedLayer) => {
    const other = now.get(each.id);
    return other?.rows === each.rows && (other?.lastRow ?? null) === (each.lastRow ?? null);
  };
  return before.length !== after.length || !before.every(isSame);
}

/**
 * Gives every layer a table that may be it: by its name where the name fits one table only, else any that has the rows. The
 * portal makes names of its own where two would be the same, so then no name counts.
 */
function match(wants: readonly Want[], tables: readonly TableCount[]): { lacking?: string; isCounted: boolean } {
  const keys = tables.map(({ name }) => (name === null ? '' : tableKey(name)));
  const isPlain = isUnique(wants.map(({ key }) => key)) && isUnique(keys);
  const free = new Set(tables);
  const others: Want[] = [];
  let isCounted = true;
  for (const want of wants) {
    const table = isPlain && want.key !== '' ? tables[keys.indexOf(want.key)] : undefined;
    if (table === undefined) {
      others.push(want);
      continue;
    }
    free.delete(table);
    if (table.rows !== null && table.rows < want.rows) return { lacking: short(want, table.rows), isCounted };
    isCounted &&= table.rows !== null;
  }
  // The layer with the most rows gets the table with the most: if that does not go, nothing does.
  const left = [...free].sort((a, b) => (b.rows ?? Infinity) - (a.rows ?? Infinity));
  for (const [n, want] of others.sort((a, b) => b.rows - a.rows).entries()) {
    const table = left[n];
    if ((want.rows > 0 || want.isUncounted) && table === undefined)
      return { lacking: `it lacks ${quoted(want.label)}`, isCounted };
    if (want.rows > 0 && (table?.rows ?? Infinity) < want.rows)
      return { lacking: `no table holds the ${numberOf(want.rows, 'row')} of ${quoted(want.label)}`, isCounted };
    isCounted &&= want.rows === 0 || (table?.rows !== null && table?.name !== null);
  }
  return { isCounted };
}

function short({ label, rows }: Want, found: number): string {
  return found === 0
    ? `it has none of the ${numberOf(rows, 'row')} of ${quoted(label)}`
    : `it has ${found} of the ${numberOf(rows, 'row')} of ${quoted(label)}`;
}

function isUnique(keys: readonly string[]): boolean {
  const named = keys.filter((key) => key !== '');
  return new Set(named).size === named.length;
}

function quoted(name: string): string {
  return `"${oneLine(name, 100)}"`;
}

/** A name as a geodatabase writes it, without the case. */
export function tableKey(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]/gu, '_');
}

/** The counts of the layers with those of their attachments, where the export tells them. */
export function withAttachments(
  counts: readonly SavedLayer[],
  { attachments }: Pick<ExportedTables, 'attachments'>,
): SavedLayer[] {
  const byKey = new Map([...attachments].map(([name, rows]) => [tableKey(name), rows]));
  const isPlain = isUnique(counts.map(({ name }) => tableKey(name)));
  return counts.map((each) => {
    const found = isPlain ? byKey.get(tableKey(each.name)) : undefined;
    return { ...each, attachments: each.attachments ?? found ?? null };
  });
}
