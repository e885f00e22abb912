import type { ItemRecord } from './words.ts';

/** Types whose /data is a JSON text; without data they answer an empty body (arcgis-rest.md 5.1). */
const textTypes = new Set([
  'Web Map',
  'Web Scene',
  'Dashboard',
  'StoryMap',
  'Web Experience',
  'Web Mapping Application',
  'Hub Site Application',
  'Hub Page',
  'Feature Collection',
  'Operation View',
  'Mobile Application',
  'Workforce Project',
  'Solution',
  'Application',
]);

/** Is its data a JSON text? */
export function isTextType(type: string): boolean {
  return textTypes.has(type);
}

const serviceTypes = new Set([
  'Feature Service',
  'Map Service',
  'Image Service',
  'Vector Tile Service',
  'Scene Service',
]);

/** Is /data of such an item empty rather than an error when nothing is there? */
export function isEmptyWithoutData(type: string): boolean {
  return textTypes.has(type) || serviceTypes.has(type);
}

const keywords: Record<string, string[]> = {
  'Feature Service': ['ArcGIS Server', 'Data', 'Feature Access', 'Feature Service', 'Service'],
  'Web Map': ['ArcGIS Online', 'Explorer Web Map', 'Map', 'Online Map', 'Web Map'],
  'File Geodatabase': ['File Geodatabase'],
  Shapefile: ['Data', 'Layer', 'shapefile'],
  CSV: ['CSV'],
  Dashboard: ['Dashboard', 'Operations Dashboard'],
  'Code Attachment': ['Code', 'Javascript', 'Web Mapping Application'],
};

/** A record with every field that the content listing of the real portal has (arcgis-rest.md 4). */
export function newRecord(fields: Partial<ItemRecord> & Pick<ItemRecord, 'id' | 'owner' | 'created'>): ItemRecord {
  const type = fields.type ?? 'Web Map';
  return {
    isOrgItem: true,
    modified: fields.created,
    guid: null,
    name: null,
    title: null,
    type,
    typeKeywords: [...((Object.hasOwn(keywords, type) && keywords[type]) || [type])],
    description: null,
    tags: [],
    snippet: null,
    thumbnail: null,
    documentation: null,
    extent: [],
    categories: [],
    spatialReference: null,
    accessInformation: null,
    licenseInfo: null,
    culture: 'en-us',
    properties: null,
    url: null,
    proxyFilter: null,
    access: 'private',
    size: 0,
    appCategories: [],
    industries: [],
    languages: [],
    largeThumbnail: null,
    banner: null,
    screenshots: [],
    listed: false,
    ownerFolder: null,
    protected: false,
    numComments: 0,
    numRatings: 0,
    avgRating: 0,
    numViews: 0,
    scoreCompleteness: 33,
    groupDesignations: null,
    ...fields,
  };
}
