import { attributesOf } from './table.ts';
import type { Layer, Row } from './words.ts';

/** The conditions that layers with fields of their own understand: comparisons, IN, IS NULL, LIKE, joined by AND or OR. */

type Test = (values: Record<string, unknown>) => boolean;

/** The rows that meet `where`; undefined when it is not understood. */
export function rowsWhere(layer: Layer, where: string, rows: readonly Row[]): Row[] | undefined {
  const test = testOf(layer, where);
  return test && rows.filter((row) => test(attributesOf(layer, row)));
}

function testOf(layer: Layer, where: string): Test | undefined {
  const parts = where.trim().split(/\s+OR\s+/i);
  const any = parts.map((part) =>
    part.split(/\s+AND\s+/i).map((one) => oneOf(layer, one.trim().replace(/^\((.*=.*)\)$/, '$1'))),
  );
  if (any.flat().some((each) => each === undefined)) return undefined;
  return (values) => any.some((all) => all.every((each) => each?.(values) === true));
}

function oneOf(layer: Layer, text: string): Test | undefined {
  const constant = /^(\d+)\s*(=|<>)\s*(\d+)$/.exec(text);
  if (constant) return () => (constant[1] === constant[3]) === (constant[2] === '=');
  const [, field = '', rest = ''] = /^"?([A-Za-z_]\w*)"?\s*(.*)$/s.exec(text) ?? [];
  const names = Object.keys(attributesOf(layer, { id: 0, name: null, day: null, attachments: [] }));
  const name = names.find((each) => each.toLowerCase() === field.toLowerCase());
  if (name === undefined) return undefined;
  const empty = /^IS (NOT )?NULL$/i.exec(rest);
  if (empty) return (values) => (values[name] === null) === (empty[1] === undefined);
  const list = /^(NOT )?IN\s*\((.*)\)$/is.exec(rest);
  if (list) {
    const same = layer.comparesText === true ? (value: unknown) => value : folded;
    const held = new Set(literals(list[2] ?? '').map(same));
    return (values) => held.has(same(values[name])) === (list[1] === undefined);
  }
  const [, sign = '', value = ''] = /^(<=|>=|<>|=|<|>)\s*(.+)$/s.exec(rest) ?? [];
  const wanted = literals(value)[0];
  return wanted === undefined ? undefined : (values) => compare(values[name], sign, wanted);
}

function literals(text: string): (string | number)[] {
  return [...text.matchAll(/'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)/g)].map(([, quoted, number]) =>
    quoted === undefined ? Number(number) : quoted.replaceAll("''", "'"),
  );
}

/** Global ids are the same in any letter case, with or without braces. */
function folded(value: unknown): unknown {
  return typeof value === 'string' && /^\{?[0-9a-f-]{36}\}?$/i.test(value)
    ? value.replace(/[{}]/g, '').toLowerCase()
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
