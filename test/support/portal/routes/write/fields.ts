import type { Answer } from '../../answers.ts';
import type { Ask } from '../../ask.ts';
import { isOn } from '../../paging.ts';
import type { State } from '../../state.ts';
import type { Category, ItemRecord } from '../../words.ts';
import { invalid } from './door.ts';

/** The fields of an item that a form may set; all others have a call of their own or belong to the portal (restore.md 1.2). */
const texts = [
  'title',
  'type',
  'url',
  'description',
  'snippet',
  'accessInformation',
  'licenseInfo',
  'culture',
  'spatialReference',
  'documentation',
];
const lists = ['tags', 'typeKeywords', 'categories', 'industries', 'languages'];
/** No item is without them. */
const needed = ['title', 'type'];

const most: Record<string, number> = { title: 256, snippet: 2048, description: 64 * 1024 };

type Fields = Partial<ItemRecord>;

/**
 * What the parameters set. What is not there stays as it is; what is empty too, unless clearEmptyFields says that it is to be
 * cleared (restore.md 1.2).
 */
export function fieldsIn(ask: Ask): Fields | Answer {
  return fieldsOf(ask.state, ask.params, isOn(ask, 'clearEmptyFields'));
}

/** The same of any parameters. */
export function fieldsOf(state: State, params: ReadonlyMap<string, string>, clears: boolean): Fields | Answer {
  const fields: Fields = {};
  for (const name of [...texts, ...lists, 'extent', 'properties']) {
    const text = params.get(name);
    if (text === undefined) continue;
    if (text === '') {
      if (clears && !needed.includes(name)) fields[name] = lists.includes(name) || name === 'extent' ? [] : null;
      continue;
    }
    const limit = most[name];
    if (limit !== undefined && text.length > limit) return invalid(`'${name}' is longer than ${limit} characters.`);
    const value = valueOf(state, name, text);
    if (value === undefined) return invalid(`Invalid value for '${name}'.`);
    fields[name] = value;
  }
  const { typeKeywords } = fields;
  if (typeKeywords && (typeKeywords.length > 128 || typeKeywords.some((word) => word.length > 256)))
    return invalid('Too many or too long type keywords.');
  return fields;
}

function valueOf(state: State, name: string, text: string): unknown {
  if (name === 'extent') return extentIn(text);
  if (name === 'properties') return objectIn(text);
  if (!lists.includes(name)) return text;
  const list = text.split(',').map((word) => word.trim());
  const held = [...new Set(list.filter(Boolean))];
  if (name !== 'categories' || state.writing.unknownCategories === 'kept') return held;
  return held.filter((path) => isCategory(state.org.categories, path));
}

/** xmin,ymin,xmax,ymax, and nothing else. */
function extentIn(text: string): number[][] | undefined {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) return undefined;
  return [numbers.slice(0, 2), numbers.slice(2)];
}

/** The JSON object in a text. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Stands the path in the schema? Without a schema there is none. */
function isCategory(schema: readonly Category[], path: string): boolean {
  const [root, ...titles] = path.split('/').filter(Boolean);
  if (root !== 'Categories' || titles.length === 0) return false;
  let level: readonly Category[] = schema;
  for (const title of titles) {
    const node = level.find((each) => each.title === title);
    if (!node) return false;
    level = node.categories ?? [];
  }
  return true;
}
