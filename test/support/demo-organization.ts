import { contentOf, fixture, jsonContent } from './portal/content.ts';
import { Organization } from './portal/organization.ts';

/** A small town's organization: a bit of everything that a backup meets. */
export function demoOrganization(): Organization {
  const org = new Organization();
  for (const [username, fullName] of people) org.addMember(username, { fullName });
  org.addMember('zoe', { fullName: 'Zoë Ümlaut', disabled: true });
  org.addMember('esri_livingatlas', { system: true });
  addMaps(org);
  addLayers(org);
  addFiles(org);
  addApps(org);
  addAwkward(org);
  const group = org.addGroup('Field crew', { owner: 'ana', members: new Set(['ben', 'chloe']) });
  for (const item of [...org.items.values()].slice(0, 5)) org.share(item.record.id, group.id);
  org.addGroup('Council', { owner: 'backup', access: 'private' });
  return org;
}

const people = [
  ['ana', 'Ana Ruiz'],
  ['ben', 'Ben Okafor'],
  ['chloe', 'Chloé Martin'],
  ['dmitri', 'Dmitri Sokolov'],
  ['elif', 'Elif Kaya'],
  ['farid', 'Farid Haddad'],
  ['grace', 'Grace Lee'],
  ['hana', 'Hana Novák'],
  ['ivan', 'Ivan Petrov'],
] as const;

const owner = (n: number): string => people[n % people.length]?.[0] ?? 'ana';

function addMaps(org: Organization): void {
  const maps = org.addFolder('ana', 'Maps');
  const webMap = JSON.parse(fixture('web-map.json').bytes().toString()) as object;
  for (let n = 0; n < 12; n++) {
    org.addItem({
      owner: owner(n),
      folder: owner(n) === 'ana' ? maps.id : null,
      type: 'Web Map',
      title: `District ${n + 1}`,
      json: { ...webMap, district: n + 1 },
      infos: { 'thumbnail/map.png': fixture('thumbnail.png') },
      tags: ['district'],
    });
  }
}

function addLayers(org: Organization): void {
  const folder = org.addFolder('ben', 'Open data').id;
  const parcels = org.addService({
    owner: 'ben',
    folder,
    title: 'Parcels',
    layers: ['Parcels', 'Lots'],
    tables: ['Owners'],
  });
  org.addService({
    owner: 'ben',
    folder,
    title: 'Parcels (public view)',
    layers: ['Parcels'],
    viewOf: parcels.record.id,
    access: 'public',
  });
  org.addService({
    owner: 'chloe',
    title: 'Hydrants',
    layers: ['Hydrants'],
    metadata: '<metadata><title>Hydrants</title></metadata>',
  });
  org.addService({ owner: 'chloe', title: 'Inspections', tables: ['Inspections'] });
  org.addService({ owner: 'dmitri', title: 'Bus stops', layers: ['Bus stops'], dates: 'old' });
  const source = org.addItem({
    owner: 'ben',
    folder,
    type: 'File Geodatabase',
    title: 'Parcels',
    file: 'parcels.gdb.zip',
  });
  org.relate(parcels.record.id, source.record.id, 'Service2Data');
}

function addFiles(org: Organization): void {
  const files: [string, string, string][] = [
    ['PDF', 'Flyer', 'flyer.pdf'],
    ['Shapefile', 'Roads', 'roads.zip'],
    ['File Geodatabase', 'Parcels 2024', 'parcels.gdb.zip'],
    ['CSV', 'Stations', 'stations.csv'],
    ['Image', 'Logo', 'logo.png'],
    ['GeoJson', 'Bus stops', 'bus-stops.geojson'],
    ['Microsoft Excel', 'Inspections', 'inspections.xlsx'],
    ['Notebook', 'Nightly clean-up', 'notebook.ipynb'],
    ['Form', 'Tree survey', 'form.zip'],
  ];
  for (const [n, [type, title, file]] of files.entries()) {
    for (let copy = 0; copy < 3; copy++) {
      org.addItem({ owner: owner(n + copy), type, title: copy === 0 ? title : `${title} ${copy + 1}`, file });
    }
  }
  org.addItem({
    // Disabled members still own content.
    owner: 'zoe',
    type: 'PDF',
    title: 'Report',
    file: 'flyer.pdf',
    metadata: fixture('metadata.xml').bytes().toString(),
  });
}

function addApps(org: Organization): void {
  const json = (name: string) => JSON.parse(fixture(name).bytes().toString()) as object;
  org.addItem({ owner: 'farid', type: 'Dashboard', title: 'Operations', json: json('dashboard.json') });
  org.addItem({
    owner: 'farid',
    type: 'StoryMap',
    title: 'Our river',
    json: json('story.json'),
    resources: {
      'published_data.json': fixture('story.json'),
      'draft_1714521600000.json': fixture('story.json'),
      'images/river.png': fixture('logo.png'),
    },
  });
  const app = org.addItem({
    owner: 'grace',
    type: 'Web Mapping Application',
    title: 'Find my bin',
    json: { values: {} },
  });
  // The answers of a survey lie in a layer.
  org.relate(byTitle(org, 'Tree survey').record.id, byTitle(org, 'Hydrants').record.id, 'Survey2Service');
  const code = org.addItem({ owner: 'grace', type: 'Code Attachment', title: 'Find my bin', file: 'code.zip' });
  org.relate(app.record.id, code.record.id, 'WMA2Code');
}

/** Titles, addresses and settings that trip up backups. */
function addAwkward(org: Organization): void {
  const none = org.addFolder('hana', 'None').id;
  org.addItem({ owner: 'hana', type: 'Web Map', title: 'Plan', json: { n: 1 } });
  org.addItem({ owner: 'hana', type: 'Web Map', title: 'Plan', json: { n: 2 } });
  org.addItem({ owner: 'hana', type: 'Web Map', title: 'PLAN', json: { n: 3 }, folder: none });
  org.addItem({ owner: 'hana', type: 'Web Map', title: '../../etc/passwd', json: { n: 4 } });
  org.addItem({ owner: 'hana', type: 'Web Map', title: 'Straße: "Süd" / Nord? $1', json: { n: 5 } });
  org.addItem({ owner: 'hana', type: 'Web Map', title: null, json: { n: 6 } });
  org.addItem({ owner: 'hana', type: 'Web Map', title: 'CON', json: { n: 7 } });
  org.addItem({ owner: 'ivan', type: 'Web Map', title: 'Left out', json: {}, tags: ['ago_view'] });
  org.addItem({ owner: 'ivan', type: 'PDF', title: 'Never uploaded', name: 'lost.pdf', missing: 'noFile' });
  org.addService({
    owner: 'ivan',
    title: 'Somewhere else',
    hosted: false,
    url: '{foreign}/arcgis/rest/services/x/FeatureServer',
  });
}

/** The item of this title, which must be there. */
function byTitle(org: Organization, title: string) {
  const found = [...org.items.values()].find(({ record }) => record.title === title);
  if (!found) throw new Error(`the demo has no item ${title}`);
  return found;
}

/** What a day brings: 3 items changed, 1 moved, 1 new, 1 deleted. */
export function demoChanges(org: Organization): void {
  org.editItem(byTitle(org, 'Operations').record.id, { snippet: 'Now with snow ploughs' });
  org.editRows(byTitle(org, 'Hydrants').record.id, 0);
  const map = JSON.parse(fixture('web-map.json').bytes().toString()) as { operationalLayers: { opacity: number }[] };
  for (const layer of map.operationalLayers) layer.opacity = 0.4;
  org.replaceData(byTitle(org, 'District 2').record.id, jsonContent({ ...map, district: 2 }));
  const flyer = Buffer.concat([fixture('flyer.pdf').bytes(), Buffer.from('% second edition\n')]);
  org.replaceData(byTitle(org, 'Flyer').record.id, contentOf(flyer, 'application/pdf'));
  org.moveItem(byTitle(org, 'District 3').record.id, org.addFolder('chloe', 'Archive').id);
  org.addItem({ owner: 'elif', type: 'Web Map', title: 'Road works', json: { brand: 'new' } });
  org.deleteItem(byTitle(org, 'Stations').record.id);
}

/** What a large organization holds. */
interface Large {
  members: number;
  /** dealt out to the members in turn, outside any folder */
  items: number;
  /** of the items, how many are hosted layers */
  services?: number;
  /** more items, all in one folder of the first member */
  inFolder?: number;
}

/** Many small items, spread evenly over many members: for benchmarks and for listings of several pages. */
export function largeOrganization({ members, items, services = 0, inFolder = 0 }: Large): Organization {
  const org = new Organization();
  const name = (n: number) => `member${String(n % members).padStart(4, '0')}`;
  for (let n = 0; n < members; n++) org.addMember(name(n));
  for (let n = 0; n < items - services; n++) {
    org.addItem({ owner: name(n), type: 'Web Map', title: `Map ${n}`, json: { version: '2.30', n } });
  }
  for (let n = 0; n < services; n++) org.addService({ owner: name(n), title: `Layer ${n}`, layers: ['Points'] });
  const folder = inFolder > 0 ? org.addFolder(name(0), 'Many').id : null;
  for (let n = 0; n < inFolder; n++) {
    org.addItem({ owner: name(0), folder, type: 'Web Map', title: `Extra ${n}`, json: { n } });
  }
  return org;
}
