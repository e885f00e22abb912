/**
 * By which property the members of an array are known, where it is not the first that fits: the array's name -> the property.
 * https://developers.arcgis.com/web-map-specification/, https://developers.arcgis.com/rest/services-reference/enterprise/layer-table/
 */
const keys: Record<string, string> = {
  fields: 'name',
  codedValues: 'code',
  templates: 'name',
  fieldInfos: 'fieldName',
  uniqueValueInfos: 'value',
  classBreakInfos: 'classMaxValue',
  expressionInfos: 'name',
  indexes: 'name',
  mediaInfos: 'title',
};

/** Tried in this order for any other array. A title is what people call a thing, and changes. */
const usual = [
  'id',
  'globalId',
  'GlobalID',
  'itemId',
  'uid',
  'key',
  'name',
  'fieldName',
  'code',
  'value',
  'url',
  'title',
  'label',
];

/** What a row is known by, first those that survive an import: GeoJSON has properties, Esri's JSON attributes. */
const ofRows = ['GlobalID', 'GLOBALID', 'globalid', 'OBJECTID', 'ObjectID', 'objectid', 'FID', 'ObjectId'];

type Fields = Record<string, unknown>;

/** Members of an array by what they are known by, in their order; undefined when nothing tells them apart. */
export function byKey(members: readonly Fields[], key: string): Map<string, Fields> | undefined {
  const found = new Map<string, Fields>();
  for (const member of members) {
    const value = key.startsWith('row ') ? rowFields(member)?.[key.slice(4)] : member[key];
    if ((typeof value !== 'string' && typeof value !== 'number') || found.has(String(value))) return undefined;
    found.set(String(value), member);
  }
  return found;
}

/** Properties by which the members of an array of that name may be known, best first. */
export function keysFor(name: string, members: readonly Fields[]): string[] {
  const own = keys[name];
  const [first] = members;
  const rows =
    name === 'features' && first !== undefined ? ofRows.filter((key) => key in (rowFields(first) ?? {})) : [];
  return [...(own === undefined ? [] : [own]), ...rows.map((key) => `row ${key}`), ...usual];
}

function rowFields(feature: Fields): Fields | undefined {
  const fields = feature['properties'] ?? feature['attributes'];
  return fields !== null && typeof fields === 'object' ? (fields as Fields) : undefined;
}

/** What people call a member of an array; undefined when it has no name. */
export function labelOf(member: Fields): string | undefined {
  for (const key of ['title', 'name', 'label', 'fieldName']) {
    const text = member[key];
    if (typeof text === 'string' && text !== '') return text;
  }
  return undefined;
}
