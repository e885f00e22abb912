import type { Definition } from '../../../words.ts';

/** What the JSON of a layer holds that it makes itself. */
export const own = [
  'id',
  'name',
  'type',
  'currentVersion',
  'serviceItemId',
  'editingInfo',
  'isView',
  'capabilities',
  'subLayerIds',
  'parentLayerId',
];

/** What a layer says of itself that was defined with `said`; it has numbers for its rows, whatever that says. */
export function definitionOf(said: Readonly<Record<string, unknown>>): Definition {
  const definition: Definition = {
    fields: [],
    ...structuredClone(Object.fromEntries(Object.entries(said).filter(([key]) => !own.includes(key)))),
  };
  if (!Array.isArray(definition.fields)) definition.fields = [];
  if (!definition.fields.some(({ type }) => type === 'esriFieldTypeOID'))
    definition.fields.unshift({ name: 'OBJECTID', type: 'esriFieldTypeOID', alias: 'OBJECTID' });
  const globalId = definition.fields.find(({ type }) => type === 'esriFieldTypeGlobalID');
  if (globalId) definition['globalIdField'] = globalId.name;
  return definition;
}

/** The same with the names of fields in small letters; what names them in symbols and templates stays as it was written. */
export function smallNames(said: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const small = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
  const each = (list: unknown, key: string) =>
    Array.isArray(list)
      ? list.map((one: Record<string, unknown>) => ({
          ...one,
          ...(one[key] !== undefined && { [key]: small(one[key]) }),
        }))
      : list;
  const names = ['globalIdField', 'objectIdField', 'displayField', 'typeIdField', 'subtypeField'];
  return {
    ...said,
    ...Object.fromEntries(names.flatMap((name) => (said[name] === undefined ? [] : [[name, small(said[name])]]))),
    ...(said['fields'] !== undefined && { fields: each(said['fields'], 'name') }),
    ...(said['indexes'] !== undefined && { indexes: each(said['indexes'], 'fields') }),
    ...(said['relationships'] !== undefined && { relationships: each(said['relationships'], 'keyField') }),
  };
}
