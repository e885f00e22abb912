import { objectIn } from '../../../arcgis/connection/fields.ts';
import type { Fields } from '../../record.ts';
import { lower } from './server-made.ts';
import { objectsIn, type LayerDefinition } from './service-definition.ts';

/** Whose values are names of fields, wherever they stand; an index lists several. */
const namesOne = new Set([
  ...['field', 'field1', 'field2', 'field3', 'normalizationField', 'fieldName', 'keyField', 'displayField'],
  ...[
    'typeIdField',
    'subtypeField',
    'startTimeField',
    'endTimeField',
    'trackIdField',
    'globalIdField',
    'objectIdField',
  ],
]);
/** Whose own keys are names of fields. */
const namesByKeys = new Set(['attributes', 'domains', 'defaultValues']);

/**
 * A saved layer with the names of its fields as the living one writes them, for some portals know small letters only (restore.md 3.2).
 * What names a field within a text, as labels and popups do, stays as it is.
 */
export function respelled(saved: LayerDefinition, living: LayerDefinition): LayerDefinition {
  const spelling = spellingOf(saved.json, living.json);
  if (spelling.size === 0) return saved;
  const { fields, ...rest } = saved.json;
  return { ...saved, json: { ...(inOther(rest, spelling) as Fields), fields } };
}

/** By the saved name the living one, where only its letters are large or small. */
function spellingOf(saved: Fields, living: Fields): Map<string, string> {
  const now = new Map(objectsIn(living['fields']).map(({ name }) => [lower(name), String(name)]));
  return new Map(
    objectsIn(saved['fields']).flatMap(({ name }): [string, string][] => {
      const other = now.get(lower(name));
      return other === undefined || other === name ? [] : [[String(name), other]];
    }),
  );
}

function inOther(value: unknown, spelling: ReadonlyMap<string, string>, key = ''): unknown {
  const named = (name: string) => spelling.get(name) ?? name;
  if (typeof value === 'string') {
    if (namesOne.has(key)) return named(value);
    return key === 'fields'
      ? value
          .split(',')
          .map((each) => named(each.trim()))
          .join(',')
      : value;
  }
  if (Array.isArray(value)) return value.map((each) => inOther(each, spelling, key));
  const fields = objectIn(value);
  if (fields === undefined) return value;
  const entries = Object.entries(fields).map(([name, each]): [string, unknown] => {
    // Who made and edited a row, and when, is told by fields of any name.
    if (key === 'editFieldsInfo' && typeof each === 'string') return [name, named(each)];
    return [namesByKeys.has(key) ? named(name) : name, inOther(each, spelling, name)];
  });
  return Object.fromEntries(entries);
}
