import type { Layer } from './words.ts';

/**
 * File geodatabases, small and real: headers, fields and rows after the specification
 * (https://github.com/rouault/dump_gdbtable/wiki/FGDB-Spec), without geometries.
 */

/** Tables that every geodatabase has; those of members come after them. */
const own = [
  'GDB_SystemCatalog',
  'GDB_DBTune',
  'GDB_SpatialRefs',
  'GDB_Items',
  'GDB_ItemTypes',
  'GDB_ItemRelationships',
  'GDB_ItemRelationshipTypes',
  'GDB_ReplicaLog',
];

/** A table of a geodatabase: the bytes of its rows. */
export interface Table {
  name: string;
  fields: Buffer[];
  rows: Buffer[];
}

const utf16 = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
const field = (name: string, ...more: number[]) => Buffer.concat([utf16(name), utf16(''), Buffer.from(more)]);

const objectId = field('OBJECTID', 6, 4, 2);
/** @param nullable 1 or 0 */
const text = (name: string, nullable: number) => field(name, 4, 160, 0, 0, 0, nullable, 0);

function varuint(value: number): Buffer {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

const string = (value: string) => Buffer.concat([varuint(Buffer.byteLength(value)), Buffer.from(value)]);

function int32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeInt32LE(value, n * 4);
  return bytes;
}

/** The two files of a table: its rows, and where each lies. */
function filesOf({ fields, rows }: Table): { table: Buffer; offsets: Buffer } {
  const described = Buffer.concat([int32(4, 0x100), Buffer.from([fields.length, 0]), ...fields]);
  const lines = rows.map((row) => Buffer.concat([int32(row.length), row]));
  const first = 44 + described.length;
  const longest = Math.max(described.length, ...rows.map(({ length }) => length));
  const size = lines.reduce((sum, { length }) => sum + length, first);
  const header = int32(3, rows.length, longest, 5, 0, 0, size, 0, 40, 0);
  const table = Buffer.concat([header, int32(described.length), described, ...lines]);
  const blocks = Math.ceil(rows.length / 1024);
  const at = Buffer.alloc(blocks * 4096);
  lines.reduce((from, { length }, n) => {
    at.writeInt32LE(from, n * 4);
    return from + length;
  }, first);
  return { table, offsets: Buffer.concat([int32(3, blocks, rows.length, 4), at, int32(0, blocks, blocks, 0)]) };
}

/** A layer or table as the portal exports it, and the table of its attachments. */
export function tablesOf({ name, rows }: Layer): Table[] {
  const plain = name.replace(/[^\p{L}\p{N}_]/gu, '_');
  const held = rows.flatMap(({ attachments }) => attachments);
  const table = {
    name: plain,
    fields: [objectId, text('NAME', 1), field('DAY', 5, 8, 1, 0)],
    rows: rows.map(({ name: value, day }) => {
      const flags = (value === null ? 1 : 0) + (day === null ? 2 : 0);
      const days = Buffer.alloc(day === null ? 0 : 8);
      if (day !== null) days.writeDoubleLE(day / 86_400_000 + 25_569);
      return Buffer.concat([Buffer.from([flags]), value === null ? Buffer.alloc(0) : string(value), days]);
    }),
  };
  if (held.length === 0) return [table];
  const files = held.map((each) => Buffer.concat([Buffer.from([0]), string(each.name)]));
  return [table, { name: `${plain}__ATTACH`, fields: [objectId, text('ATT_NAME', 1)], rows: files }];
}

/** The files of a geodatabase with these tables, by their path. */
export function geodatabase(tables: readonly Table[], folder = 'export.gdb'): [string, Buffer][] {
  const names = [...own, ...uniqueNames(tables)];
  const catalog: Table = {
    name: 'GDB_SystemCatalog',
    fields: [field('ID', 6, 4, 2), text('Name', 0), field('FileFormat', 1, 4, 0, 0)],
    rows: names.map((name) => Buffer.concat([string(name), int32(0)])),
  };
  const empty = own.slice(1).map((name) => ({ name, fields: [objectId], rows: [] }));
  return [catalog, ...empty, ...tables].flatMap((each, n): [string, Buffer][] => {
    const path = `${folder}/a${(n + 1).toString(16).padStart(8, '0')}`;
    const { table, offsets } = filesOf(each);
    return [
      [`${path}.gdbtable`, table],
      [`${path}.gdbtablx`, offsets],
    ];
  });
}

/** No two tables have one name. */
function uniqueNames(tables: readonly Table[]): string[] {
  const names: string[] = [];
  for (const { name } of tables) {
    let free = name;
    for (let n = 1; names.some((other) => other.toLowerCase() === free.toLowerCase()); n++) free = `${name}_${n}`;
    names.push(free);
  }
  return names;
}
