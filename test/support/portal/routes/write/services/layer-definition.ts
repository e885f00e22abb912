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
