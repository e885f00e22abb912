import { failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn } from '../paging.ts';
import type { Layer, Row } from '../words.ts';
import { found, isService, maxRecordCount, server } from './services.ts';

function layerOf(ask: Ask, name: string, id: string): Layer | Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
  if (!/\bquery\b/i.test(one.capabilities))
    return failure({ code: 400, message: 'Requested operation is not supported by this service.' });
  const layer = [...one.layers, ...one.tables].find((each) => each.id === Number(id));
  return layer ?? failure({ code: 400, message: 'Invalid layer' });
}

function isLayer(value: Layer | Answer): value is Layer {
  return 'rows' in value;
}

/** One page, at most maxRecordCount of it; like the ids in no particular order, unless orderByFields asks for one. */
function paged({ params }: Ask, rows: Row[]) {
  const from = Number(params.get('resultOffset') ?? 0);
  const to = from + Math.min(maxRecordCount, Number(params.get('resultRecordCount') ?? maxRecordCount));
  const page = rows.slice(from, to);
  const shown = params.has('orderByFields') ? page : page.reverse();
  return { shown, more: to < rows.length && { exceededTransferLimit: true } };
}

/** Sorted by the object id, the only field that is asked for in any order here. */
function sorted({ params }: Ask, rows: Row[]): Row[] {
  const isDown = / desc$/i.test(params.get('orderByFields') ?? '');
  return isDown ? [...rows].sort((a, b) => b.id - a.id) : rows;
}

const attributesOf = (row: Row) => ({ OBJECTID: row.id, NAME: row.name, DAY: row.day });

function statistics(asked: string, rows: Row[]): Answer {
  const all = JSON.parse(asked) as { statisticType: string; outStatisticFieldName: string }[];
  const value = (type: string) =>
    type === 'count' ? rows.length : (rows.map(({ id }) => id).sort((a, b) => b - a)[0] ?? null);
  const attributes = all.map((each) => [each.outStatisticFieldName, value(each.statisticType)]);
  return json({ features: [{ attributes: Object.fromEntries(attributes) as object }] });
}

function query(ask: Ask, name = '', id = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const { params } = ask;
  const asked = params.get('objectIds')?.split(',').map(Number);
  const beyond = Number(/^OBJECTID > (\d+)$/.exec(params.get('where') ?? '')?.[1] ?? -Infinity);
  const rows = sorted(
    ask,
    layer.rows.filter((row) => row.id > beyond && (asked?.includes(row.id) ?? true)),
  );
  if (isOn(ask, 'returnCountOnly')) return json({ count: rows.length });
  // In no particular order, as the real one.
  if (isOn(ask, 'returnIdsOnly'))
    return json({ objectIdFieldName: 'OBJECTID', objectIds: rows.map((row) => row.id).reverse() });
  const wanted = params.get('outStatistics');
  if (wanted !== undefined) return statistics(wanted, rows);
  const { shown, more } = paged(ask, rows);
  if (params.get('f') === 'geojson') return geoJson(layer, shown, more);
  const hasShapes = layer.type === 'Feature Layer' && params.get('returnGeometry') !== 'false';
  return json({
    objectIdFieldName: 'OBJECTID',
    ...(hasShapes && { spatialReference: { wkid: Number(params.get('outSR') ?? layer.shape?.wkid ?? 4326) } }),
    features: shown.map((row) => ({
      attributes: attributesOf(row),
      ...(hasShapes && { geometry: shapeOf(ask, layer, row) }),
    })),
    ...more,
  });
}

/** Heights, measures and curves come only when they are asked for. */
function shapeOf(ask: Ask, { shape }: Layer, row: Row): object {
  if (row.geometry === undefined) {
    const z = shape?.hasZ && isOn(ask, 'returnZ') && { z: row.id * 10 };
    const m = shape?.hasM && isOn(ask, 'returnM') && { m: row.id * 100 };
    return { x: row.id, y: row.id, ...z, ...m };
  }
  const { curvePaths, curveRings, ...plain } = row.geometry;
  const curves = curvePaths === undefined ? { curveRings } : { curvePaths };
  return isOn(ask, 'returnTrueCurves') && (curvePaths ?? curveRings) !== undefined ? curves : plain;
}

function geoJson({ shape }: Layer, shown: Row[], more: false | object): Answer {
  const isKnown = shape?.supportedQueryFormats === undefined || /geojson/i.test(shape.supportedQueryFormats);
  if (!isKnown || shape?.geometryType === 'esriGeometryMultiPatch')
    return failure({ code: 400, message: 'Unable to complete operation.', details: ['Output format not supported.'] });
  const features = shown.map((row) => ({
    type: 'Feature',
    id: row.id,
    geometry: { type: 'Point', coordinates: [row.id, row.id] },
    properties: attributesOf(row),
  }));
  return json({ type: 'FeatureCollection', features, ...(more && { properties: more }) });
}

const globalId = (row: number, id = 0) =>
  `{${String(row).padStart(8, '0')}-0000-4000-8000-${String(id).padStart(12, '0')}}`;

const infosOf = ({ id: row, attachments }: Row) =>
  attachments.map(({ id, name, content, keywords = '', exifInfo = null }) => ({
    id,
    globalId: globalId(row, id),
    name,
    contentType: content.type,
    size: content.size,
    keywords,
    exifInfo,
  }));

function attachmentsOf(ask: Ask, name = '', id = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const asked = ask.params.get('objectIds')?.split(',').map(Number) ?? [];
  const rows = layer.rows.filter((row) => asked.includes(row.id) && row.attachments.length > 0);
  // Silently no more than a page of them.
  let left = maxRecordCount;
  const groups = rows.map((row) => {
    const attachmentInfos = infosOf(row).slice(0, Math.max(0, left));
    left -= attachmentInfos.length;
    return { parentObjectId: row.id, parentGlobalId: globalId(row.id), attachmentInfos };
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

/** Rows and their attachments. */
export const rowRoutes: Route[] = [
  { pattern: new RegExp(`${server}/(\\d+)/query$`), answer: query },
  { pattern: new RegExp(`${server}/(\\d+)/queryAttachments$`), answer: attachmentsOf },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments$`), answer: attachmentsOfRow },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments/(\\d+)$`), answer: attachment },
];
