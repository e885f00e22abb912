import { row, type TypeGroup } from './row.ts';

/** What comes from elsewhere or is worked on there: projects, files, packages, styles; and what is left out. */
export const fileTypes: readonly TypeGroup[] = [
  {
    title: 'Analysis and projects',
    rows: [
      row(
        'all',
        'file',
        'The notebook as .ipynb; files in its working directory are no items and are not saved.',
        'Notebook',
      ),
      row(
        'all',
        'json',
        'The JSON of the item with its resources.',
        `Notebook Code Snippet Library, Notebook Code Snippets, Data Pipeline, Analysis Model, Suitability Model, Arcade Module,
        Esri Classification Schema, Esri Classifier Definition, Ortho Mapping Template, Excalibur Imagery Project,
        Investigation, Knowledge Graph Web Investigation, Knowledge Studio Project, GeoBIM Application, GeoBIM Project`,
      ),
      row(
        'all',
        'json',
        'The JSON of the item; data that was copied into Insights is saved where it is a layer.',
        `Insights Workbook, Insights Page, Insights Model, Insights Theme, Insights Script, Insights Data Engineering Workbook,
        Insights Data Engineering Model`,
      ),
      row(
        'all',
        'json',
        'The JSON of the item; its plans and buildings are in hosted layers.',
        'Urban Model, Urban Project',
      ),
      row(
        'definition',
        'json',
        'The project; imagery, samples and results lie in image services or folders of the project.',
        'Ortho Mapping Project, Reality Mapping Project, Deep Learning Studio Project',
      ),
      row(
        'definition',
        'json',
        'The record and its JSON; what the project holds is in items and folders of its own.',
        'Pro Project',
      ),
      row(
        'all',
        'file',
        'The file, byte for byte.',
        'Insights Workbook Package, AllSource Project, Reality Studio Project',
      ),
    ],
  },
  {
    title: 'Files',
    rows: [
      row(
        'all',
        'file',
        'The file, byte for byte.',
        `CSV, CSV Collection, Shapefile, File Geodatabase, GeoJson, GeoPackage, SQLite Geodatabase, GML, KML, KML Collection, netCDF,
        Apache Parquet, CAD Drawing, Image, Image Collection, PDF, Microsoft Excel, Microsoft Powerpoint, Microsoft Word, Visio Document,
        iWork Keynote, iWork Numbers, iWork Pages, Service Definition, Map Service Definition, Statistical Data Collection, Report Template,
        Administrative Report`,
      ),
      row('definition', 'none', 'The address; what it leads to is not in the portal.', 'Document Link'),
    ],
  },
  {
    title: 'ArcGIS Pro and desktop',
    rows: [
      row(
        'all',
        'file',
        'The file, byte for byte.',
        `ArcGIS Pro Add In, ArcGIS Pro Configuration, Pro Map, Pro Layer, Pro Presentation, Pro Report, Pro Report Template, Project Template,
        Layout, Layer, Layer File, Task File, Desktop Style, Raster function template, Map Document, Map Template, Globe Document, Scene Document,
        Published Map, Explorer Map, Explorer Layer, Explorer Add In, Desktop Add In, Addin Package, Desktop Application,
        Desktop Application Template, Geoprocessing Sample`,
      ),
    ],
  },
  {
    title: 'Packages',
    rows: [
      row(
        'all',
        'file',
        'The package, byte for byte.',
        `Map Package, Pro Map Package, Project Package, Layer Package, Pro Layer Package, Scene Package, Scene Package Part, Tile Package,
        Compact Tile Package, Vector Tile Package, 3DTiles Package, Basemap Package, Mobile Basemap Package, Mobile Map Package,
        Mobile Scene Package, Geoprocessing Package, Toolbox Package, Locator Package, Rule Package, Deep Learning Package,
        Workflow Manager Package, ArcPad Package, Windows Mobile Package, Window Mobile Package, Replication Package, Export Package,
        Living Atlas Export Package`,
      ),
    ],
  },
  {
    title: 'Styles and settings of the organization',
    rows: [
      row(
        'all',
        'json',
        'The JSON of the item with its resources: symbols, sprites, fonts.',
        'Style, Symbol Set, Color Set, Content Category Set, Data Package Collection',
      ),
      row(
        'definition',
        'none',
        'The record; the key itself stays in the portal, and a new one is made after a loss.',
        'API Key',
      ),
      row('definition', 'none', 'The record; the licence is kept by Esri.', 'User License Type Extension'),
    ],
  },
  {
    title: 'Left out',
    rows: [
      row(
        'nothing',
        'none',
        'Generated from a Web AppBuilder app, whose own configuration is saved; take it off BACKUP_SKIP_TYPES to save it.',
        'Code Attachment',
      ),
    ],
  },
];
