import { contentOf, fixture, type Content } from './content.ts';
import type { Service } from './words.ts';
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

/** Everything that decides the bytes of an export. */
function stampOf(service: Service): string {
  const dates = [...service.layers, ...service.tables].map(
    ({ id, editingInfo }) => `${id}:${JSON.stringify(editingInfo)}`,
  );
  return [service.name, service.itemId, ...dates].join('\n');
}

const made = new Map<string, Content>();

/**
 * What an export of the service holds now: a real file, which differs from service to service and after every edit.
 * The same service in the same state gives the same bytes.
 */
export function exportOf(service: Service, format = 'File Geodatabase'): Content {
  const stamp = stampOf(service);
  const key = `${format.toLowerCase()}\n${service.exportBytes ?? ''}\n${stamp}`;
  const known = made.get(key);
  if (known) return known;
  const content = makeExport(service, format.toLowerCase(), stamp);
  made.set(key, content);
  return content;
}

function makeExport(service: Service, format: string, stamp: string): Content {
  const parts = service.layers.length + service.tables.length;
  const { ending } = formatOf(format, parts) ?? { ending: 'zip' };
  const source = fixture(formats[format]?.file ?? 'parcels.gdb.zip');
  if (ending === 'zip') {
    if (service.exportBytes !== null) return largeZip(service.exportBytes, seedOf(stamp));
    const start = format === 'csv' ? zipStart(service) : source.bytes();
    return contentOf(withEntry(start, 'edits.txt', Buffer.from(stamp)), 'application/zip');
  }
  if (ending === 'csv')
    return contentOf(`${source.bytes().toString()}"${stamp.replaceAll('"', "'")}",,,\n`, source.type);
  return source;
}

function zipStart(service: Service): Buffer {
  const rows = fixture('inspections.csv').bytes();
  return zipOf([...service.layers, ...service.tables].map(({ name, id }) => [`${name}_${id}.csv`, rows]));
}

function seedOf(stamp: string): number {
  return [...stamp].reduce((seed, letter) => (Math.imul(seed, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}
