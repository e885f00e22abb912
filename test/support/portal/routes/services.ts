import { errors, failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { fieldsOf, globalIdName, objectIdName } from '../table.ts';
import { maySee } from '../tokens.ts';
import { truncateRefused } from '../truncate.ts';
import type { Layer, Service, Shape } from '../words.ts';

/** Small, so that what reads rows must turn pages. */
export const maxRecordCount = 3;

/** The address of a service, as the beginning of a pattern; also of its definition for administrators. */
export const server = /^\/arcgis\/rest\/(?:admin\/)?services\/([^/]+)\/FeatureServer/.source;

/** The service that the caller may see; else what the server says instead. */
export function found(ask: Ask, name: string): Service | Answer {
  const service = ask.state.org.services.get(name);
  const item = service && ask.state.org.items.get(service.itemId);
  if (!service || !item || item.recycled)
    return failure({ code: 400, message: 'Invalid URL', details: ['Invalid URL'] });
  return maySee(ask.caller, item, ask.state.org) ? service : errors.tokenRequired();
}

/** Is it a service, and not an answer? */
export function isService(value: Service | Answer): value is Service {
  return 'layers' in value;
}

function stub({ id, name, type }: Layer) {
  return { id, name, parentLayerId: -1, defaultVisibility: true, subLayerIds: null, minScale: 0, maxScale: 0, type };
}

/** The service itself; its layers carry no edit dates here (arcgis-rest.md 7). */
function service(ask: Ask, name = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  return json({
    currentVersion: 12,
    ...(ask.state.behaviour.serviceItemIds !== 'nowhere' && { serviceItemId: one.itemId }),
    serviceDescription: '',
    maxRecordCount: 2000,
    supportedExportFormats: 'csv,shapefile,sqlite,geoPackage,filegdb,featureCollection,geojson,kml,excel',
    capabilities: one.capabilities,
    ...(one.viewOf !== null && { isView: true }),
    ...one.definition,
    ...(one.definition && adminServiceInfo(ask, one)),
    layers: one.layers.map(stub),
    tables: one.tables.map(stub),
  });
}

function isAdmin({ path }: Ask): boolean {
  return path.startsWith('/arcgis/rest/admin/');
}

function adminServiceInfo(ask: Ask, { name }: Service): object {
  return isAdmin(ask) ? { adminServiceInfo: { name, type: 'FeatureServer', status: 'Started' } } : {};
}

/** What only the address for administrators tells: of a view, how it is made of its source (restore.md 0). */
function adminLayerInfo(ask: Ask, { source, definition }: Layer): object {
  const info = definition?.[adminWord];
  return isAdmin(ask) && (source || info !== undefined) ? { adminLayerInfo: info ?? {} } : {};
}

/** Under which name a layer keeps it. */
export const adminWord = 'adminLayerInfo';

/** What its JSON does not say though it was defined with it. */
const unsaid = [adminWord, 'contingentValues', 'pausedFields'];

function said(definition: object): object {
  return Object.fromEntries(Object.entries(definition).filter(([name]) => !unsaid.includes(name)));
}

/** What a layer with fields of its own says besides. */
function defined(ask: Ask, one: Service, layer: Layer): object {
  const { definition } = layer;
  if (!definition) return {};
  return {
    objectIdField: objectIdName(layer),
    supportsTruncate: truncateRefused(one, layer) === undefined,
    supportsApplyEditsWithGlobalIds: globalIdName(layer) !== undefined,
    supportsAppend: true,
    supportedAppendFormats: 'sqlite,geoPackage,shapefile,filegdb,featureCollection,geojson,csv,excel',
    ...said(definition),
    ...adminLayerInfo(ask, layer),
  };
}

function full(ask: Ask, one: Service, layer: Layer) {
  const { editingInfo, rows, shape } = layer;
  const fields = fieldsOf(layer);
  return {
    currentVersion: 12,
    ...stub(layer),
    ...(ask.state.behaviour.serviceItemIds === 'everywhere' && { serviceItemId: one.itemId }),
    isView: one.viewOf !== null,
    hasAttachments: rows.some(({ attachments }) => attachments.length > 0),
    objectIdField: 'OBJECTID',
    maxRecordCount,
    advancedQueryCapabilities: { supportsQueryAttachments: true, supportsStatistics: true },
    capabilities: one.capabilities,
    fields,
    ...(layer.type === 'Feature Layer' && { geometryType: 'esriGeometryPoint', ...shapeOf(shape) }),
    ...defined(ask, one, layer),
    ...(editingInfo !== null && { editingInfo }),
  };
}

function shapeOf({ wkid = 4326, ...shape }: Shape = {}) {
  return { ...shape, extent: { xmin: 0, ymin: 0, xmax: 9, ymax: 9, spatialReference: { wkid } } };
}

/** All layers and tables in full, with their edit dates. */
function layers(ask: Ask, name = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  return json({
    layers: one.layers.map((layer) => full(ask, one, layer)),
    tables: one.tables.map((table) => full(ask, one, table)),
  });
}

function layer(ask: Ask, name = '', id = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const all = [...one.layers, ...one.tables].find((each) => each.id === Number(id));
  return all ? json(full(ask, one, all)) : failure({ code: 400, message: 'Invalid layer' });
}

function sources(ask: Ask, name = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const source = one.viewOf === null ? undefined : ask.state.org.items.get(one.viewOf)?.service;
  return json({ currentVersion: 12, services: source ? [{ serviceItemId: source.itemId, name: source.name }] : [] });
}

function contingentValues(ask: Ask, name = '', id = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const all = [...one.layers, ...one.tables].find((each) => each.id === Number(id));
  return all ? json(all.definition?.['contingentValues'] ?? {}) : failure({ code: 400, message: 'Invalid layer' });
}

/** Feature services. */
export const serviceRoutes: Route[] = [
  { pattern: new RegExp(`${server}$`), answer: service },
  { pattern: new RegExp(`${server}/layers$`), answer: layers },
  { pattern: new RegExp(`${server}/sources$`), answer: sources },
  { pattern: new RegExp(`${server}/(\\d+)$`), answer: layer },
  { pattern: new RegExp(`${server}/(\\d+)/contingentValues$`), answer: contingentValues },
];
