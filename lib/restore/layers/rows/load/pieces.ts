import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import type { SentRow } from '../../../../arcgis/writing/service-writing.ts';
import { globalIdOf, sentRow, valueOf } from '../row.ts';
import { writeLeft } from '../../../lost-answer.ts';
import { refusedRows } from '../refused.ts';
import type { SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';

/** Rows, and characters of JSON, that go in one request. */
const mostRows = 500;
const mostCharacters = 2_000_000;

/** A row and what it is sent as. */
export interface Sending {
  row: Row;
  sent: SentRow;
}

/** Are rows added, and known again, by the global ids that they bring? */
export function isByIds({ traits }: HostedTable, layer: SourceLayer): boolean {
  return traits.keepsGlobalIds && layer.traits.globalIdField !== undefined;
}

/** Rows as they are added, as many at a time as one request holds. */
export function inPieces(page: readonly Row[], table: HostedTable, layer: SourceLayer): Sending[][] {
  const pieces: Sending[][] = [];
  let characters = Infinity;
  for (const row of page) {
    const sent = withGlobalId(sentRow(row, table, layer.written()), row, table, layer);
    const { length } = JSON.stringify(sent);
    if (characters + length > mostCharacters || (pieces.at(-1)?.length ?? 0) >= mostRows) {
      pieces.push([]);
      characters = 0;
    }
    pieces.at(-1)?.push({ row, sent });
    characters += length;
  }
  return pieces;
}

/** The id goes as the version spells it: where services compare ids as text, other rows name it so. */
function withGlobalId(sent: SentRow, row: Row, table: HostedTable, layer: SourceLayer): SentRow {
  const { globalIdField } = table.traits;
  if (!isByIds(table, layer) || globalIdField === undefined) return sent;
  const id = valueOf(row, layer.traits.globalIdField ?? globalIdField);
  return id === null ? sent : { ...sent, attributes: { ...sent.attributes, [globalIdField]: id } };
}

/**
 * Adds some rows, all or none. Where the answer is lost, those that bear global ids are looked for; others cannot be told apart, so
 * that is thrown.
 */
export async function addPiece(
  { services }: RowsWork,
  { address }: HostedService,
  table: HostedTable,
  layer: SourceLayer,
  rows: readonly Sending[],
): Promise<void> {
  const byIds = isByIds(table, layer);
  const write = async (left: readonly Sending[]) => {
    const edits = { adds: left.map(({ sent }) => sent) };
    const { adds } = await services.applyEdits(address, table.info.id, edits, byIds);
    if (adds.length === left.length && adds.every(({ success }) => success)) return;
    throw refusedRows(table.info.name, 'added', adds);
  };
  await (byIds ? writeLeft({ look: () => lackingOf(table, layer, rows), write }, rows) : write(rows));
}

async function lackingOf(table: HostedTable, layer: SourceLayer, rows: readonly Sending[]): Promise<Sending[]> {
  const ids = rows.flatMap(({ row }) => globalIdOf(row, layer.traits) ?? []);
  const found = await table.byGlobalIds(ids, layer.written().form);
  const there = new Set(found.map((row) => globalIdOf(row, table.traits)));
  return rows.filter(({ row }) => !there.has(globalIdOf(row, layer.traits)));
}
