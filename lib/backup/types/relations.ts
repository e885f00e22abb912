/** One relationship that a rebuild needs to know. */
export interface RelationOf {
  type: string;
  /** forward: the item is the origin; reverse: it is the destination */
  direction: 'forward' | 'reverse';
}

const to = (...types: string[]) => types.map((type): RelationOf => ({ type, direction: 'forward' }));
const from = (...types: string[]) => types.map((type): RelationOf => ({ type, direction: 'reverse' }));

/**
 * The relationships that are asked for. Each costs a request whenever an item is saved, so only those are here that say
 * what belongs together and that the item's own JSON does not say. Only types that every portal knows (the list in
 * @esri/arcgis-rest-portal): an older Enterprise answers others with an error.
 * https://developers.arcgis.com/rest/users-groups-and-items/relationship-types/, and `_RELATIONSHIPS` in Esri's Python API.
 */
export const typeRelations: Readonly<Record<string, readonly RelationOf[]>> = {
  'Feature Service': [
    ...to('Service2Data', 'Service2Service', 'Service2Layer', 'Service2Style'),
    ...from('Survey2Service'),
  ],
  Form: to('Survey2Service', 'Survey2Data'),
  'Survey123 Add In': to('SurveyAddIn2Data'),

  'Map Service': [...to('Service2Data'), ...from('Service2Service')],
  'Scene Service': [...to('Service2Data'), ...from('Service2Service')],
  'Vector Tile Service': to('Service2Data', 'Service2Style', 'Style2Style'),
  Style: [...to('WebStyle2DesktopStyle'), ...from('Service2Style', 'Style2Style')],
  'Image Service': to('Service2Data'),
  OGCFeatureServer: to('Service2Data'),
  WFS: to('Service2Data'),
  WMS: to('Service2Data'),
  WMTS: to('Service2Data'),

  'Web Map': to('Map2Area', 'Map2AppConfig', 'Map2FeatureCollection'),
  'Map Area': [...to('Area2Package', 'Area2CustomPackage'), ...from('Map2Area')],
  'Application Configuration': from('Map2AppConfig'),
  'Web Mapping Application': to('WMA2Code'),
  'Mobile Application': to('MobileApp2Code'),
  'Code Attachment': from('WMA2Code', 'MobileApp2Code'),
  Solution: to('Solution2Item'),
  StoryMap: from('Theme2Story'),

  // What layers are published from. It names the layers that a file can bring back.
  'Service Definition': from('Service2Data'),
  'File Geodatabase': from('Service2Data'),
  Shapefile: from('Service2Data'),
  CSV: from('Service2Data'),
  GeoJson: from('Service2Data'),
  GeoPackage: from('Service2Data'),
  'Microsoft Excel': from('Service2Data'),
  'Feature Collection': from('Service2Data'),
  'SQLite Geodatabase': from('Service2Data'),
  'Tile Package': from('Service2Data'),
  'Compact Tile Package': from('Service2Data'),
  'Vector Tile Package': from('Service2Data'),
  'Scene Package': from('Service2Data'),
  'Image Collection': from('Service2Data'),
};

const byType = new Map(Object.entries(typeRelations).map(([type, relations]) => [type.toLowerCase(), relations]));

/** The relationships to ask for, whatever the case of the type; none for most types. */
export function relationsOf(type: string): readonly RelationOf[] {
  return byType.get(type.toLowerCase()) ?? [];
}
