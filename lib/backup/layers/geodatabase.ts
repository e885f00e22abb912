/**
 * How many rows the tables of a file geodatabase have, from the first bytes of its files. Layout after the reverse-engineered
 * specification, https://github.com/rouault/dump_gdbtable/wiki/FGDB-Spec
 */

/** Signature of tables with object ids of 32 bits; what begins otherwise (64 bits, compressed) is not read here. */
const signature = 3;
/** More than any geodatabase has. */
const mostTables = 100_000;

/** The number of rows that the header of a .gdbtable names, none if it is cut; undefined when it has another signature. */
export function rowsInHeader(head: Buffer): number | undefined {
  if (head.length < 8) return 0;
  return head.readInt32LE(0) === signature ? Math.max(0, head.readInt32LE(4)) : undefined;
}

/**
 * The names of the tables by their number, from a00000001, the catalog of a geodatabase; undefined when it is written in a
 * way that is not known here. Row n names the table whose files are called a and n as eight hex digits.
 * @param table a00000001.gdbtable
 * @param offsets a00000001.gdbtablx; without it rows are taken to follow each other
 */
export function readCatalog(table: Buffer, offsets: Buffer | undefined): Map<number, string> | undefined {
  try {
    if (table.readInt32LE(0) !== signature) return undefined;
    const begin = Number(table.readBigInt64LE(32));
    const fields = readFields(table, begin);
    if (!fields?.some(isName)) return undefined;
    const first = begin + 4 + table.readInt32LE(begin);
    const rows = offsets === undefined ? rowsInOrder(table, first) : rowsByOffset(table, offsets);
    return rows && new Map([...rows].map(([id, row]) => [id, nameIn(row, fields)]));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

interface Field {
  name: string;
  type: number;
  isNullable: boolean;
}

const isName = ({ name, type }: Field) => name === 'Name' && type === text;

const text = 4;
const objectId = 6;
/** Bytes of the values that have one length: numbers, dates, global ids. */
const fixed: Readonly<Record<number, number>> = {
  0: 2,
  1: 4,
  2: 4,
  3: 8,
  5: 8,
  10: 16,
  11: 16,
  13: 8,
  14: 8,
  15: 8,
  16: 10,
};

/** Undefined when a field is of a kind that no catalog has. */
function readFields(table: Buffer, begin: number): Field[] | undefined {
  const count = table.readUInt16LE(begin + 12);
  let at = begin + 14;
  const string = () => {
    const length = table.readUInt8(at) * 2;
    at += 1 + length;
    return table.toString('utf16le', at - length, at);
  };
  const fields: Field[] = [];
  for (let n = 0; n < count; n++) {
    const name = string();
    string();
    const type = table.readUInt8(at);
    const flags = table.readUInt8(at + (type === text ? 5 : 2));
    fields.push({ name, type, isNullable: type !== objectId && (flags & 1) !== 0 });
    at += type === text ? 6 : 3;
    if (type === text || (type in fixed && type !== 10 && type !== 11)) {
      const { value, next } = readNumber(table, at);
      at = next + ((flags & 4) === 0 ? 0 : value);
    } else if (![objectId, 8, 10, 11, 12].includes(type)) return undefined;
  }
  return fields;
}

/** Row lengths are negative where a row was deleted. */
function* rowsInOrder(table: Buffer, first: number): Generator<[number, Buffer]> {
  for (let at = first, id = 1; at + 4 <= table.length && id <= mostTables; id++) {
    const length = table.readInt32LE(at);
    if (length > 0) yield [id, rowAt(table, at)];
    at += 4 + Math.abs(length);
  }
}

/** Undefined when the file is not a plain list of offsets. */
function rowsByOffset(table: Buffer, offsets: Buffer): [number, Buffer][] | undefined {
  const blocks = offsets.readInt32LE(4);
  const count = offsets.readInt32LE(8);
  const size = offsets.readInt32LE(12);
  const isPlain = offsets.readInt32LE(0) === signature && size >= 4 && size <= 6 && blocks * 1024 >= count;
  if (!isPlain || count > mostTables) return undefined;
  const rows: [number, Buffer][] = [];
  for (let id = 1; id <= count; id++) {
    const at = offsets.readUIntLE(16 + (id - 1) * size, size);
    if (at !== 0) rows.push([id, rowAt(table, at)]);
  }
  return rows;
}

/** Throws RangeError when the file ends before the row does. */
function rowAt(table: Buffer, at: number): Buffer {
  const end = at + 4 + table.readInt32LE(at);
  if (end < at || end > table.length) throw new RangeError('the row leads out of the table');
  return table.subarray(at + 4, end);
}

function nameIn(row: Buffer, fields: readonly Field[]): string {
  const nullable = fields.filter((field) => field.isNullable);
  let at = Math.ceil(nullable.length / 8);
  for (const field of fields) {
    const bit = nullable.indexOf(field);
    const isNull = bit >= 0 && ((row[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
    if (isNull || field.type === objectId) continue;
    const length = fixed[field.type];
    const { value, next } = length === undefined ? readNumber(row, at) : { value: length, next: at };
    at = next + value;
    if (at > row.length) throw new RangeError('the value leads out of its row');
    if (isName(field)) return textIn(row.subarray(next, at));
  }
  return '';
}

/** Older geodatabases write names in UTF-16, which has zeros wherever letters are Latin. */
function textIn(bytes: Buffer): string {
  return bytes.toString(bytes.includes(0) ? 'utf16le' : 'utf8');
}

/** A number of seven bits a byte, the lowest first. */
function readNumber(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  for (let n = 0; n < 5; n++) {
    const byte = bytes.readUInt8(at + n);
    value += (byte & 0x7f) * 128 ** n;
    if (byte < 128) return { value, next: at + n + 1 };
  }
  throw new RangeError('the number does not end');
}
