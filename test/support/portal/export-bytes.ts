import { createHash } from 'node:crypto';
import { contentOf, fixture, type Content } from './content.ts';
import { packed, remember } from './export-rows.ts';
import { geodatabase, tablesOf } from './geodatabase.ts';
import type { Layer, Service } from './words.ts';
import { largeZip, withEntry, zipOf } from './zip.ts';

/** What an export of each format is: item type, ending, fixture file. CSV of several layers is a zip in the real portal. */
const formats: Record<string, { type: string; ending: string; file: string }> = {
  'file geodatabase': { type: 'File Geodatabase', ending: 'zip', file: 'parcels.gdb.zip' },
  shapefile: { type: 'Shapefile', ending: 'zip', file: 'roads.zip' },
  csv: { type: 'CSV', ending: 'csv', file: 'inspections.csv' },
  geojson: { type: 'GeoJson', ending: 'geojson', file: 'bus-stops.geojson' },
  excel: { type: 'Microsoft Excel', ending: 'xlsx', file: 'inspections.xlsx' },
};

/** Item type and file ending of an export; undefined for a format that the portal does not know. */
export function formatOf(format: string, parts: number): { type: string; ending: string } | undefined {
  const known = formats[format.toLowerCase()];
  if (known?.type === 'CSV' && parts > 1) return { type: 'CSV Collection', ending: 'zip' };
  return known;
}

/**
 * What is wrong with an export that completed: its tables have no rows, the largest lacks three, the last layer is missing,
 * the headers are of another kind, the file is cut. `whole`: nothing.
 */
export type Holds = 'whole' | 'empty' | 'short' | 'lacking' | 'foreign' | 'cut';

/** Everything that decides the bytes of an export. */
function stampOf(service: Service): string {
  const dates = allOf(service).map(({ id, editingInfo }) => `${id}:${JSON.stringify(editingInfo)}`);
  return [service.name, service.itemId, ...dates].join('\n');
}

const allOf = ({ layers, tables }: Service) => [...layers, ...tables];

function rowsOf(service: Service): string {
  const held = allOf(service).map(({ name, rows }) => [
    name,
    rows.map((row) => ({ ...row, attachments: row.attachments.length })),
  ]);
  return createHash('sha256').update(JSON.stringify(held)).digest('hex');
}

const made = new Map<string, Content>();

/**
 * What an export of the service holds now: a real file, which differs from service to service and after every edit.
 * The same service in the same state gives the same bytes.
 */
export function exportOf(service: Service, format = 'File Geodatabase', holds: Holds = 'whole'): Content {
  const stamp = stampOf(service);
  const key = [format.toLowerCase(), holds, service.exportBytes ?? '', rowsOf(service), stamp].join('\n');
  const known = made.get(key);
  if (known) return known;
  const content = makeExport(service, format.toLowerCase(), stamp, holds);
  remember(content, holding(allOf(service), holds));
  made.set(key, content);
  return content;
}

function makeExport(service: Service, format: string, stamp: string, holds: Holds): Content {
  const held = holding(allOf(service), holds);
  const { ending } = formatOf(format, allOf(service).length) ?? { ending: 'zip' };
  if (ending === 'csv') return contentOf(cut(csvOf(held[0]), holds), 'text/csv');
  if (ending !== 'zip') return fixture(formats[format]?.file ?? '');
  if (format === 'csv') {
    const zip = zipOf(held.map((layer) => [`${layer.name}_${layer.id}.csv`, csvOf(layer)]));
    return contentOf(cut(withEntry(zip, 'edits.txt', Buffer.from(stamp)), holds), 'application/zip');
  }
  if (format !== 'file geodatabase')
    return contentOf(withEntry(fixture('roads.zip').bytes(), 'edits.txt', Buffer.from(stamp)), 'application/zip');
  const files = geodatabase(held.flatMap(tablesOf)).map(([path, bytes]): [string, Buffer] => [
    path,
    holds === 'foreign' && path.endsWith('.gdbtable') ? Buffer.concat([Buffer.from([4]), bytes.subarray(1)]) : bytes,
  ]);
  files.push(...packed(held));
  if (service.exportBytes !== null) return largeZip(service.exportBytes, seedOf(stamp), files);
  return contentOf(cut(zipOf([...files, ['export.gdb/timestamps', Buffer.from(stamp)]]), holds), 'application/zip');
}

function holding(layers: readonly Layer[], holds: Holds): Layer[] {
  if (holds === 'empty') return layers.map((layer) => ({ ...layer, rows: [] }));
  if (holds === 'lacking') return layers.slice(0, -1);
  const largest = [...layers].sort((a, b) => b.rows.length - a.rows.length)[0];
  if (holds === 'short')
    return layers.map((layer) => (layer === largest ? { ...layer, rows: layer.rows.slice(0, -3) } : layer));
  return [...layers];
}

function cut(bytes: Buffer, holds: Holds): Buffer {
  return holds === 'cut' ? bytes.subarray(0, bytes.length - 40) : bytes;
}

/** NULL and an empty text look alike: CSV knows no better. */
function csvOf(layer: Layer | undefined): Buffer {
  const quoted = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
  const lines = (layer?.rows ?? []).map(({ id, name, day }) => `${id},${quoted(name)},${day ?? ''}\r\n`);
  return Buffer.from(['OBJECTID,NAME,DAY\r\n', ...lines].join(''));
}

function seedOf(stamp: string): number {
  return [...stamp].reduce((seed, letter) => (Math.imul(seed, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}
