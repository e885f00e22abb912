import { errors, failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn } from '../paging.ts';
import { maySee } from '../tokens.ts';
import type { Layer, Row, Service } from '../words.ts';

const server = /^\/arcgis\/rest\/(?:admin\/)?services\/([^/]+)\/FeatureServer/.source;

function found(ask: Ask, name: string): Service | Answer {
  const service = ask.state.org.services.get(name);
  const item = service && ask.state.org.items.get(service.itemId);
  if (!service || !item) return failure({ code: 400, message: 'Invalid URL', details: ['Invalid URL'] });
  return maySee(ask.caller, item, ask.state.org) ? service : errors.tokenRequired();
}

function isService(value: Service | Answer): value is Service {
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
    serviceItemId: one.itemId,
    serviceDescription: '',
    maxRecordCount: 2000,
    supportedExportFormats: 'csv,shapefile,sqlite,geoPackage,filegdb,featureCollection,geojson,kml,excel',
    capabilities: one.capabilities,
    ...(one.viewOf !== null && { isView: true }),
    layers: one.layers.map(stub),
    tables: one.tables.map(stub),
  });
}

function full(one: Service, { editingInfo, rows, ...layer }: Layer) {
  const fields = [
    { name: 'OBJECTID', type: 'esriFieldTypeOID', alias: 'OBJECTID' },
    { name: 'NAME', type: 'esriFieldTypeString', alias: 'Name', length: 100 },
    { name: 'DAY', type: 'esriFieldTypeDate', alias: 'Day' },
  ];
  return {
    currentVersion: 12,
    ...stub(layer as Layer),
    serviceItemId: one.itemId,
    isView: one.viewOf !== null,
    hasAttachments: rows.some(({ attachments }) => attachments.length > 0),
    objectIdField: 'OBJECTID',
    // Small, so that what reads rows must turn pages.
    maxRecordCount: 3,
    advancedQueryCapabilities: { supportsQueryAttachments: true },
    capabilities: one.capabilities,
    fields,
    ...(layer.type === 'Feature Layer' && { geometryType: 'esriGeometryPoint' }),
    ...(editingInfo !== null && { editingInfo }),
  };
}

/** All layers and tables in full, with their edit dates. */
function layers(ask: Ask, name = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  return json({
    layers: one.layers.map((layer) => full(one, layer)),
    tables: one.tables.map((table) => full(one, table)),
  });
}

function layer(ask: Ask, name = '', id = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const all = [...one.layers, ...one.tables].find((each) => each.id === Number(id));
  return all ? json(full(one, all)) : failure({ code: 400, message: 'Invalid layer' });
}

function sources(ask: Ask, name = ''): Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const source = one.viewOf === null ? undefined : ask.state.org.items.get(one.viewOf)?.service;
  return json({ currentVersion: 12, services: source ? [{ serviceItemId: source.itemId, name: source.name }] : [] });
}

function layerOf(ask: Ask, name: string, id: string): Layer | Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  const layer = [...one.layers, ...one.tables].find((each) => each.id === Number(id));
  return layer ?? failure({ code: 400, message: 'Invalid layer' });
}

function isLayer(value: Layer | Answer): value is Layer {
  return 'rows' in value;
}

function query(ask: Ask, name = '', id = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const asked = ask.params.get('objectIds')?.split(',').map(Number);
  const rows = layer.rows.filter((row) => asked?.includes(row.id) ?? true);
  if (isOn(ask, 'returnCountOnly')) return json({ count: rows.length });
  // In no particular order, as the real one.
  if (isOn(ask, 'returnIdsOnly'))
    return json({ objectIdFieldName: 'OBJECTID', objectIds: rows.map((row) => row.id).reverse() });
  const shown = rows.slice(0, 3).reverse();
  const more = rows.length > 3 && { exceededTransferLimit: true };
  const attributes = (row: Row) => ({ OBJECTID: row.id, NAME: row.name, DAY: row.day });
  if (ask.params.get('f') !== 'geojson')
    return json({
      objectIdFieldName: 'OBJECTID',
      features: shown.map((row) => ({ attributes: attributes(row) })),
      ...more,
    });
  const features = shown.map((row) => ({
    type: 'Feature',
    id: row.id,
    geometry: { type: 'Point', coordinates: [row.id, row.id] },
    properties: attributes(row),
  }));
  return json({ type: 'FeatureCollection', features, ...(more && { properties: more }) });
}

const infosOf = ({ attachments }: Row) =>
  attachments.map(({ id, name, content }) => ({ id, name, size: content.size }));

function attachmentsOf(ask: Ask, name = '', id = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const asked = ask.params.get('objectIds')?.split(',').map(Number) ?? [];
  const rows = layer.rows.filter((row) => asked.includes(row.id) && row.attachments.length > 0);
  // Silently no more than a page of them.
  let left = 3;
  const groups = rows.map((row) => {
    const attachmentInfos = infosOf(row).slice(0, Math.max(0, left));
    left -= attachmentInfos.length;
    return { parentObjectId: row.id, attachmentInfos };
  });
  return json({ attachmentGroups: groups.filter(({ attachmentInfos }) => attachmentInfos.length > 0) });
}

function attachmentsOfRow(ask: Ask, name = '', id = '', row = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const held = layer.rows.find((each) => each.id === Number(row));
  return held ? json({ attachmentInfos: infosOf(held) }) : failure({ code: 404, message: 'Feature not found.' });
}

function attachment(ask: Ask, name = '', id = '', row = '', file = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const held = layer.rows.find((each) => each.id === Number(row))?.attachments.find((each) => each.id === Number(file));
  return held
    ? { status: 200, headers: { 'Content-Type': held.content.type }, body: held.content }
    : failure({ code: 404, message: 'Attachment not found.' });
}

/** Feature services. */
export const serviceRoutes: Route[] = [
  { pattern: new RegExp(`${server}$`), answer: service },
  { pattern: new RegExp(`${server}/layers$`), answer: layers },
  { pattern: new RegExp(`${server}/sources$`), answer: sources },
  { pattern: new RegExp(`${server}/(\\d+)$`), answer: layer },
  { pattern: new RegExp(`${server}/(\\d+)/query$`), answer: query },
  { pattern: new RegExp(`${server}/(\\d+)/queryAttachments$`), answer: attachmentsOf },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments$`), answer: attachmentsOfRow },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments/(\\d+)$`), answer: attachment },
];
