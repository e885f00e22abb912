/**
 * What a backup holds of each ArcGIS item type, and why; docs/coverage.md is made from this table. The types are those of
 * https://developers.arcgis.com/rest/users-groups-and-items/items-and-item-types/ and of Esri/solution.js (item type table).
 */

/** Everything of the item; its definition, while the content lies elsewhere; nothing unless the settings say so. */
export type Coverage = 'all' | 'definition' | 'nothing';

/** One relationship that a rebuild needs to know. */
export interface RelationOf {
  type: string;
  direction: 'forward' | 'reverse';
}

/** What is known of a type. */
export interface TypeInfo {
  /** false: not in the table; saved with everything it offers, and reported */
  known: boolean;
  coverage: Coverage;
  /** where its content comes from */
  content: 'file' | 'json' | 'export' | 'none';
  /** a sentence for docs/coverage.md */
  why: string;
  relations: readonly RelationOf[];
}

/** A group of types that are treated alike. */
export interface TypeGroup extends Omit<TypeInfo, 'known' | 'relations'> {
  title: string;
  types: readonly string[];
}

const list = (text: string) => text.split(',').map((name) => name.trim());

/** The table. */
export const typeGroups: readonly TypeGroup[] = [
  {
    title: 'Hosted layers',
    coverage: 'all',
    content: 'export',
    why: 'Rows of all layers and tables as a file geodatabase, else as CSV or by queries; the definition for a rebuild.',
    types: ['Feature Service'],
  },
  {
    title: 'Maps, scenes and apps',
    coverage: 'all',
    content: 'json',
    why: 'The JSON that makes it, with its resources (drafts, images).',
    types:
      list(`Web Map, Web Scene, 3D Web Scene, 360 VR Experience, Web Mapping Application, Dashboard, StoryMap, StoryMap Theme,
      Web Experience, Web Experience Template, Hub Initiative, Hub Initiative Template, Hub Event, Hub Page, Hub Project,
      Hub Site Application, Site Application, Site Initiative, Site Page, Insights Data Engineering Model,
      Insights Data Engineering Workbook, Insights Model, Insights Page, Insights Script, Insights Theme, Insights Workbook,
      Mission, Mission Report, Mission Template, Mobile Application, Application, Application Configuration, Operation View,
      QuickCapture Project, Solution, Workforce Project, Urban Model, Urban Project, Ortho Mapping Project,
      Ortho Mapping Template, Excalibur Imagery Project, Excalibur Map Template, Oriented Imagery Catalog,
      Feature Collection, Feature Collection Template, Symbol Set, Color Set, Content Category Set, Group Layer, Media Layer,
      Dashboard Theme, Investigation, Knowledge Studio Project, Web AppBuilder Widget, Windows Viewer Configuration,
      Viewer Configuration, Analysis Model, Web Link Chart, Web Link Chart Layer, Deep Learning Studio Project, Report Template JSON`),
  },
  {
    title: 'Files',
    coverage: 'all',
    content: 'file',
    why: 'The file, byte for byte.',
    types:
      list(`CSV, CSV Collection, Shapefile, File Geodatabase, GeoJson, GeoPackage, SQLite Geodatabase, KML, KML Collection, netCDF,
      CAD Drawing, Image, Image Collection, PDF, Microsoft Excel, Microsoft Powerpoint, Microsoft Word, Visio Document, iWork Keynote,
      iWork Numbers, iWork Pages, Apache Parquet, Administrative Report, Notebook, Notebook Code Snippet Library, Form,
      Service Definition, Statistical Data Collection, Report Template, Export Package, StoryMap Content, Data Package Collection,
      Earth configuration, AppBuilder Extension, AppBuilder Widget Package, Experience Builder Widget, Experience Builder Widget Package,
      Code Sample, Desktop Application, Desktop Application Template, Desktop Add In, Desktop Style, Explorer Add In, Explorer Layer,
      Explorer Map, Native Application, Native Application Installer, Native Application Template, Operations Dashboard Add In,
      Operations Dashboard Extension, Survey123 Add In, Windows Viewer Add In, ArcGIS Pro Add In, ArcGIS Pro Configuration,
      ArcPad Package, Basemap Package, CityEngine Web Scene, Compact Tile Package, Deep Learning Package, Geoprocessing Package,
      Geoprocessing Sample, Globe Document, Layer, Layer Package, Layer Template, Layout, Locator Package, Map Area, Map Document,
      Map Package, Map Template, Mobile Basemap Package, Mobile Map Package, Mobile Scene Package, Pro Layer, Pro Layer Package,
      Pro Map, Pro Map Package, Pro Presentation, Pro Report, Pro Report Template, Project Package, Project Template, Published Map,
      Raster function template, Rule Package, Scene Document, Scene Package, Style, Suitability Model, Task File, Tile Package,
      Toolbox Package, Vector Tile Package, Windows Mobile Package, Window Mobile Package, Workflow Manager Package,
      CityEngine Rule Package, 3DTiles Package, Big Data File Share Template`),
  },
  {
    title: 'Services whose content lies on a server',
    coverage: 'definition',
    content: 'none',
    why: 'The portal gives its record, settings and resources; tiles, images and rows stay where they are. Keep their source files.',
    types:
      list(`Map Service, Image Service, Vector Tile Service, Scene Service, 3DTiles Service, Elevation Layer, Geocoding Service, Geodata Service,
      Geometry Service, Geoprocessing Service, Globe Service, Network Analysis Service, Relational Database Connection,
      Relational Catalog Service, Stream Service, Workflow Manager Service, Knowledge Graph, Oriented Imagery Layer, Feed,
      Real Time Analytic, Big Data Analytic, Big Data File Share, Data Store, Tool, Utility Network Service, Video Service, Virtual Item`),
  },
  {
    title: 'Links',
    coverage: 'definition',
    content: 'none',
    why: 'An address and its record; what it leads to is not ours.',
    types: list('Document Link, WFS, WMS, WMTS, OGCFeatureServer, OGC Features, URL, Featured Items'),
  },
  {
    title: 'Left out',
    coverage: 'nothing',
    content: 'none',
    why: 'Generated from a Web AppBuilder app, whose own configuration is saved; BACKUP_SKIP_TYPES leaves it out.',
    types: ['Code Attachment'],
  },
];

const relations: Readonly<Record<string, readonly RelationOf[]>> = {
  'Feature Service': [
    { type: 'Service2Data', direction: 'forward' },
    { type: 'Service2Service', direction: 'forward' },
    { type: 'Survey2Service', direction: 'reverse' },
  ],
  Form: [
    { type: 'Survey2Service', direction: 'forward' },
    { type: 'Survey2Data', direction: 'forward' },
  ],
  'Map Service': [{ type: 'Service2Data', direction: 'forward' }],
  'Vector Tile Service': [{ type: 'Service2Data', direction: 'forward' }],
  'Scene Service': [
    { type: 'Service2Data', direction: 'forward' },
    { type: 'Service2Service', direction: 'forward' },
  ],
  'Web Mapping Application': [{ type: 'WMA2Code', direction: 'forward' }],
  'Code Attachment': [{ type: 'WMA2Code', direction: 'reverse' }],
  'Map Area': [
    { type: 'Area2Package', direction: 'forward' },
    { type: 'Map2Area', direction: 'reverse' },
  ],
  'Web Map': [{ type: 'Map2Area', direction: 'forward' }],
  Solution: [{ type: 'Solution2Item', direction: 'forward' }],
  'Service Definition': [{ type: 'Service2Data', direction: 'reverse' }],
  'File Geodatabase': [{ type: 'Service2Data', direction: 'reverse' }],
  Shapefile: [{ type: 'Service2Data', direction: 'reverse' }],
  CSV: [{ type: 'Service2Data', direction: 'reverse' }],
};

const groupOf = new Map(typeGroups.flatMap((group) => group.types.map((type) => [type.toLowerCase(), group] as const)));

/** What is known of a type. An unknown one is saved with everything it offers. */
export function typeInfo(type: string): TypeInfo {
  const group = groupOf.get(type.toLowerCase());
  const own = relations[type] ?? [];
  if (group === undefined) {
    return {
      known: false,
      coverage: 'all',
      content: 'file',
      why: 'Not in the table; everything it offers is saved.',
      relations: own,
    };
  }
  const { coverage, content, why } = group;
  return { known: true, coverage, content, why, relations: own };
}
