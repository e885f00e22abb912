import type { Fields } from '../../record.ts';
import { objectsIn } from './service-definition.ts';

/** What a service says of itself because of what it is, not because somebody defined it so (restore.md 3.2). */
const ofService = new Set([
  ...['name', 'layers', 'tables', 'relationships', 'fullExtent', 'hasViews', 'size', 'url', 'serviceItemId'],
  ...['currentVersion', 'fullVersion', 'adminServiceInfo', 'editingInfo', 'serverGens', 'layerServerGens'],
  ...[
    'changeTrackingInfo',
    'syncEnabled',
    'multiScaleGeometryInfo',
    'hasSharedDomains',
    'maxViewsCount',
    'enableZDefaults',
  ],
]);

/** The same of a layer or table. */
const ofLayer = new Set([
  ...['currentVersion', 'serviceItemId', 'url', 'editingInfo', 'serverGens', 'isView', 'hasViews', 'capabilities'],
  ...['adminLayerInfo', 'subLayerIds', 'hasMetadata', 'isDataVersioned', 'isDataBranchVersioned', 'isDataArchived'],
  ...['isCoGoEnabled', 'syncCanReturnChanges', 'infoInEstimates', 'sourceSchemaChangesAllowed', 'isUpdatableView'],
  ...['useStandardizedQueries', 'hasContingentValuesDefinition', 'lastSchemaEditDate'],
]);

const isAbility = (key: string) => /^(?:supports|supported)[A-Z]|Capabilities$/.test(key);

/** What somebody defined of a service. */
export function definedOfService(service: Fields): Fields {
  return without(service, (key) => ofService.has(key) || isAbility(key));
}

/** What somebody defined of a layer or table. */
export function definedOfLayer(json: Fields): Fields {
  return without(json, (key) => ofLayer.has(key) || isAbility(key));
}

/** Fields without those whose names are to go, and without what is null: a server takes that for something else than nothing. */
export function without(fields: Fields, isLeft: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== null && !isLeft(key)));
}

/** The names of the fields that the portal itself fills while it tracks who edits, in lower case. */
export function trackedFields(json: Fields): Set<string> {
  const info = json['editFieldsInfo'];
  const names = typeof info === 'object' && info !== null ? Object.values(info) : [];
  return new Set(names.filter((each) => typeof each === 'string').map((each) => each.toLowerCase()));
}

const serverTypes = new Set<unknown>(['esriFieldTypeOID', 'esriFieldTypeGlobalID', 'esriFieldTypeGeometry']);

/** Indexes but those that a server makes by itself: of the object id, of the global id, of the shape. Each set of fields once. */
export function definedIndexes(json: Fields): Fields[] {
  const types = new Map(objectsIn(json['fields']).map((field) => [lower(field['name']), field['type']]));
  const seen = new Set<string>();
  return objectsIn(json['indexes']).filter((index) => {
    const names = lower(index['fields']);
    const type = types.get(names);
    const isMade = type === undefined ? !names.includes(',') : serverTypes.has(type);
    if (isMade || names === '' || seen.has(names)) return false;
    return seen.add(names);
  });
}

/** A text in lower case without spaces; '' for anything else. */
export function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase().replaceAll(' ', '') : '';
}
