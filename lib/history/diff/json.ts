import { byKey, keysFor, labelOf } from './keys.ts';

/** One difference of two JSON values. */
export interface JsonChange {
  kind: 'added' | 'removed' | 'changed' | 'moved';
  /** such as `operationalLayers["Parcels"].opacity`; empty = the whole */
  path: string;
  /** null where it was not there */
  before: unknown;
  after: unknown;
}

type Fields = Record<string, unknown>;

/** Nobody nests deeper but to do harm; what is deeper is compared as text. */
const deepest = 200;

/**
 * What is different between two JSON values, in the order of the second. Members of arrays are matched by what they are known
 * by (id, name, code, …), so that one that came or went does not change all that follow; arrays of plain texts are sets, of
 * numbers one value. Takes time in proportion to their length.
 */
export function jsonChanges(before: unknown, after: unknown): JsonChange[] {
  const changes: JsonChange[] = [];
  compare(changes, { path: '', name: '', depth: 0 }, before, after);
  return changes;
}

interface Place {
  path: string;
  /** of the property that is compared */
  name: string;
  depth: number;
}

function compare(changes: JsonChange[], at: Place, before: unknown, after: unknown): void {
  if (before === after) return;
  if (at.depth < deepest && isFields(before) && isFields(after)) compareFields(changes, at, before, after);
  else if (at.depth < deepest && Array.isArray(before) && Array.isArray(after))
    compareArrays(changes, at, before, after);
  else if (!isEqual(before, after)) changes.push({ kind: 'changed', path: at.path, before, after });
}

function compareFields(changes: JsonChange[], at: Place, before: Fields, after: Fields): void {
  for (const name of new Set([...Object.keys(after), ...Object.keys(before)])) {
    const path =
      at.path + (/^[A-Za-z_$][\w$]*$/.test(name) ? `${at.path === '' ? '' : '.'}${name}` : `[${JSON.stringify(name)}]`);
    if (!Object.hasOwn(before, name)) changes.push({ kind: 'added', path, before: null, after: after[name] });
    else if (!Object.hasOwn(after, name)) changes.push({ kind: 'removed', path, before: before[name], after: null });
    else compare(changes, { path, name, depth: at.depth + 1 }, before[name], after[name]);
  }
}

function compareArrays(changes: JsonChange[], at: Place, before: unknown[], after: unknown[]): void {
  const known = before.every(isFields) && after.every(isFields) ? matched(at.name, before, after) : undefined;
  if (known !== undefined) return compareMembers(changes, at, ...known);
  if (isSet(before) && isSet(after)) return compareSets(changes, at, before, after);
  const isPlain = [...before, ...after].every((member) => member === null || typeof member !== 'object');
  if (isPlain || isNumbers(before) || isNumbers(after)) {
    if (!isEqual(before, after)) changes.push({ kind: 'changed', path: at.path, before, after });
    return;
  }
  for (let n = 0; n < Math.max(before.length, after.length); n++) {
    const path = `${at.path}[${n}]`;
    if (n >= before.length) changes.push({ kind: 'added', path, before: null, after: after[n] });
    else if (n >= after.length) changes.push({ kind: 'removed', path, before: before[n], after: null });
    else compare(changes, { path, name: at.name, depth: at.depth + 1 }, before[n], after[n]);
  }
}

/** Both arrays by the first property that tells the members of each apart. */
function matched(
  name: string,
  before: Fields[],
  after: Fields[],
): [Map<string, Fields>, Map<string, Fields>] | undefined {
  for (const key of keysFor(name, after.length > 0 ? after : before)) {
    const [old, now] = [byKey(before, key), byKey(after, key)];
    if (old !== undefined && now !== undefined) return [old, now];
  }
  return undefined;
}

function compareMembers(
  changes: JsonChange[],
  at: Place,
  before: Map<string, Fields>,
  after: Map<string, Fields>,
): void {
  const names = namesOf(before, after);
  const pathOf = (key: string) => `${at.path}[${names.get(key) ?? key}]`;
  for (const [key, now] of after) {
    const old = before.get(key);
    if (old === undefined) changes.push({ kind: 'added', path: pathOf(key), before: null, after: now });
    else compare(changes, { path: pathOf(key), name: '', depth: at.depth + 1 }, old, now);
  }
  for (const [key, old] of before)
    if (!after.has(key)) changes.push({ kind: 'removed', path: pathOf(key), before: old, after: null });
  const [was, is] = [
    [...before.keys()].filter((key) => after.has(key)),
    [...after.keys()].filter((key) => before.has(key)),
  ];
  if (was.every((key, n) => key === is[n])) return;
  const called = (keys: string[]) =>
    keys.map((key) => names.get(key) ?? key).map((text) => text.replace(/^"(.*)"$/, '$1'));
  changes.push({ kind: 'moved', path: at.path, before: called(was), after: called(is) });
}

/** What each member is called in a path: its name where no other bears it, else what it is known by. */
function namesOf(before: Map<string, Fields>, after: Map<string, Fields>): Map<string, string> {
  const labels = new Map<string, string>();
  const count = new Map<string, number>();
  for (const [key, member] of new Map([...before, ...after])) {
    const label = labelOf(member) ?? key;
    labels.set(key, label);
    count.set(label, (count.get(label) ?? 0) + 1);
  }
  return new Map([...labels].map(([key, label]) => [key, JSON.stringify((count.get(label) ?? 0) > 1 ? key : label)]));
}

function compareSets(changes: JsonChange[], at: Place, before: string[], after: string[]): void {
  const [old, now] = [new Set(before), new Set(after)];
  for (const text of after)
    if (!old.has(text)) changes.push({ kind: 'added', path: at.path, before: null, after: text });
  for (const text of before)
    if (!now.has(text)) changes.push({ kind: 'removed', path: at.path, before: text, after: null });
  const [was, is] = [before.filter((text) => now.has(text)), after.filter((text) => old.has(text))];
  if (!was.every((text, n) => text === is[n])) changes.push({ kind: 'moved', path: at.path, before, after });
}

function isSet(values: unknown[]): values is string[] {
  return values.every((value) => typeof value === 'string') && new Set(values).size === values.length;
}

/** Coordinates and the like, however nested: no place of their own. */
function isNumbers(values: unknown[]): boolean {
  const [first] = values;
  return typeof first === 'number' || (Array.isArray(first) && isNumbers(first));
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isEqual(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
