import { row, type TypeGroup } from './row.ts';

/** What is made and used in the browser or in the field: maps, layers, tools, apps. */
export const webTypes: readonly TypeGroup[] = [
  {
    title: 'Maps and scenes',
    rows: [
      row(
        'all',
        'json',
        'The map itself: layers, styles, pop-ups. Layers that are items of the organization are saved as such.',
        'Web Map, Web Scene, 3D Web Scene, Web Link Chart',
      ),
      row(
        'all',
        'json',
        'Its area; the offline packages made of it are items of their own, named in related.json.',
        'Map Area',
      ),
      row('all', 'file', 'The file, byte for byte.', 'CityEngine Web Scene, 360 VR Experience'),
    ],
  },
  {
    title: 'Layers',
    rows: [
      row(
        'all',
        'export',
        'Rows and attachments of a hosted layer, and what a rebuild needs to know; of a layer on another server, its definition.',
        'Feature Service',
      ),
      row(
        'all',
        'json',
        'Features and settings are in the JSON of the item.',
        'Feature Collection, Feature Collection Template, Group Layer, Media Layer, Knowledge Graph Layer, Layer Template, Oriented Imagery Catalog',
      ),
      row(
        'definition',
        'none',
        'Settings and styles; the tiles lie in the service. The package that it came of is saved whole, and published again.',
        'Vector Tile Service, Scene Service, 3DTiles Service',
      ),
      row(
        'definition',
        'none',
        'Settings; tiles, images and rows lie on the server that draws it. A tile package is published again.',
        'Map Service, Image Service, Elevation Layer, Globe Service, Stream Service, Video Service, Knowledge Graph, Geodata Service',
      ),
      row(
        'definition',
        'none',
        'Address and settings of a service that follows a standard of the OGC.',
        'WMS, WMTS, WFS, WCS, OGCFeatureServer',
      ),
    ],
  },
  {
    title: 'Tools and connections',
    rows: [
      row(
        'definition',
        'none',
        'Address and settings; what it does is decided on its server.',
        'Geocoding Service, Geometry Service, Geoprocessing Service, Network Analysis Service, Geoenrichment Service, Symbol Service, Tool, Server',
      ),
      row(
        'definition',
        'none',
        'The connection; the data lies in the database, share or cloud store, and passwords stay in the portal.',
        'Relational Database Connection, Data Store, Big Data File Share, Kernel Gateway Connection',
      ),
      row(
        'definition',
        'json',
        'The record and its JSON; feeds and analytics run in ArcGIS Velocity and are defined there.',
        'Feed, Real Time Analytic, Big Data Analytic',
      ),
      row(
        'definition',
        'json',
        'The record and its JSON; jobs and workflows lie in Workflow Manager.',
        'Workflow Manager Service, Workflow',
      ),
    ],
  },
  {
    title: 'Apps',
    rows: [
      row(
        'all',
        'json',
        'The configuration, drafts and images. Maps and layers that it shows are items of their own.',
        `Web Mapping Application, Web Experience, Web Experience Template, Dashboard, StoryMap, StoryMap Theme, SMX Item, SMX Map, SMX Theme,
        Hub Site Application, Hub Page, Hub Initiative, Hub Initiative Template, Hub Project, Hub Event, Site Application, Site Initiative, Site Page,
        Operation View, Mobile Application, Application Configuration, Viewer Configuration, Windows Viewer Configuration, Featured Items, Legend,
        App Bundle, Application SDK, Web AppBuilder Widget, Indoors Map Configuration, IPS Configuration`,
      ),
      row(
        'all',
        'json',
        'The settings; an OAuth app gets a new client secret, which no backup can hold.',
        'Application',
      ),
      row(
        'definition',
        'none',
        'The address of the code, which lies on a web server.',
        'AppBuilder Extension, Experience Builder Widget, Operations Dashboard Extension',
      ),
      row(
        'all',
        'file',
        'The file, byte for byte.',
        `AppBuilder Widget Package, Experience Builder Widget Package, Native Application, Native Application Installer, Native Application Template,
        Operations Dashboard Add In, Windows Viewer Add In, Code Sample, Earth Configuration`,
      ),
      row('definition', 'json', 'The record; posts and comments lie in ArcGIS Hub.', 'Discussion'),
    ],
  },
  {
    title: 'Field work and solutions',
    rows: [
      row(
        'all',
        'file',
        'The survey with its media; the answers are in a hosted layer, named in related.json.',
        'Form',
      ),
      row('all', 'file', 'The file, byte for byte.', 'Survey123 Add In'),
      row(
        'all',
        'json',
        'The project and its images; what is collected is in hosted layers.',
        'QuickCapture Project, Workforce Project, Mission Template, Activity',
      ),
      row('all', 'json', 'The list of what belongs to it; its items are saved as such.', 'Solution'),
      row(
        'definition',
        'json',
        'The record and its JSON; messages and tracks lie on the Mission Server.',
        'Mission, Mission Report',
      ),
    ],
  },
];
