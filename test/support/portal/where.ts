import { attributesOf, objectIdName } from './table.ts';
import type { Layer, Row } from './words.ts';

/** The conditions that layers with fields of their own understand: comparisons, IN, IS NULL, LIKE, joined by AND or OR. */

/** @param of a row, by field */
type Test = (value: (name: string) => unknown) => boolean;

/** The rows that meet `where`; undefined when it is not understood. */
export function rowsWhere(layer: Layer, where: string, rows: readonly Row[]): Row[] | undefined {
  const test = testOf(layer, where);
  if (!layer.definition) return test && rows.filter((row) => test((name) => attributesOf(layer, row)[name]));
  const oid = objectIdName(layer);
  return test && rows.filter((row) => test((name) => (name === oid ? row.id : valueIn(row, name))));
}

const valueIn = ({ values, name, day }: Row, field: string) => (values ?? { NAME: name, DAY: day })[field] ?? null;

function testOf(layer: Layer, where: string): Test | undefined {
  const parts = where.trim().split(/\s+OR\s+/i);
  const any = parts.map((part) =>
    part.split(/\s+AND\s+/i).map((one) => oneOf(layer, one.trim().replace(/^\((.*=.*)\)$/, '$1'))),
  );
  if (any.flat().some((each) => each === undefined)) return undefined;
  return (value) => any.some((all) => all.every((each) => each?.(value) === true));
}

function oneOf(layer: Layer, text: string): Test | undefined {
  const constant = /^(\d+)\s*(=|<>)\s*(\d+)$/.exec(text);
  if (constant) return () => (constant[1] === constant[3]) === (constant[2] === '=');
  const [, field = '', rest = ''] = /^"?([A-Za-z_]\w*)"?\s*(.*)$/s.exec(text) ?? [];
  const names = Object.keys(attributesOf(layer, { id: 0, name: null, day: null, attachments: [] }));
  const name = names.find((each) => each.toLowerCase() === field.toLowerCase());
  if (name === undefined) return undefined;
  const empty = /^IS (NOT )?NULL$/i.exec(rest);
  if (empty) return (value) => (value(name) === null) === (empty[1] === undefined);
  const list = /^(NOT )?IN\s*\((.*)\)$/is.exec(rest);
  if (list) {
    const same = layer.comparesText === true ? (value: unknown) => value : folded;
    const held = new Set(literals(list[2] ?? '').map(same));
    return (value) => held.has(same(value(name))) === (list[1] === undefined);
  }
  const [, sign = '', right = ''] = /^(<=|>=|<>|=|<|>)\s*(.+)$/s.exec(rest) ?? [];
  const wanted = literals(right)[0];
  return wanted === undefined ? undefined : (value) => compare(value(name), sign, wanted);
}

function literals(text: string): (string | number)[] {
  return [...text.matchAll(/'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)/g)].map(([, quoted, number]) =>
    quoted === undefined ? Number(number) : quoted.replaceAll("''", "'"),
  );
}

/** Global ids are the same in any letter case, with or without braces. */
function folded(value: unknown): unknown {
  if (typeof value !== 'string' || (value.length !== 36 && value.length !== 38)) return value;
  return /^\{?[0-9a-f-]{36}\}?$/i.test(value)
    ? (value.length === 36 ? value : value.slice(1, 37)).toLowerCase()
    : value;
}

function compare(held: unknown, sign: string, wanted: string | number): boolean {
  if (held === null || held === undefined) return false;
  const [a, b] = [folded(held), folded(wanted)] as [number, number];
  if (sign === '=') return a === b;
  if (sign === '<>') return a !== b;
  if (sign === '<') return a < b;
  if (sign === '>') return a > b;
  return sign === '<=' ? a <= b : a >= b;
}
