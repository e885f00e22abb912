import { failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn } from '../paging.ts';
import { attributesOf, globalIdName, globalIdOf, objectIdName } from '../table.ts';
import { rowsWhere } from '../where.ts';
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
function paged({ params }: Ask, rows: Row[], most: number) {
  const from = Number(params.get('resultOffset') ?? 0);
  const to = from + Math.min(most, Number(params.get('resultRecordCount') ?? most));
  const page = rows.slice(from, to);
  const shown = params.has('orderByFields') ? page : page.reverse();
  return { shown, more: to < rows.length && { exceededTransferLimit: true } };
}

/** Sorted by the object id, the only field that is asked for in any order here. */
function sorted({ params }: Ask, rows: Row[]): Row[] {
  const isDown = / desc$/i.test(params.get('orderByFields') ?? '');
  return isDown ? [...rows].sort((a, b) => b.id - a.id) : rows;
}

/** What a layer of a view shows: its filter may be about fields that it hides. */
function sourceOf({ state }: Ask, layer: Layer): Layer {
  const service = state.org.items.get(layer.source?.itemId ?? '')?.service;
  return (
    [...(service?.layers ?? []), ...(service?.tables ?? [])].find(({ id }) => id === layer.source?.layerId) ?? layer
  );
}

/** The rows that are asked for; a plain layer understands no other condition than the one of its object ids. */
function wanted(ask: Ask, layer: Layer): Row[] | undefined {
  const where = ask.params.get('where') ?? '1=1';
  const asked = ask.params.get('objectIds')?.split(',').map(Number);
  const ids = asked && new Set(asked);
  const filter = layer.definition?.['viewDefinitionQuery'] ?? layer.definition?.['definitionQuery'];
  const held =
    typeof filter === 'string' && filter !== '' ? rowsWhere(sourceOf(ask, layer), filter, layer.rows) : layer.rows;
  const some = held?.filter((row) => ids?.has(row.id) ?? true);
  if (layer.definition) return some && rowsWhere(layer, where, some);
  const beyond = Number(/^OBJECTID > (\d+)$/.exec(where)?.[1] ?? -Infinity);
  return some?.filter((row) => row.id > beyond);
}

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
  const met = wanted(ask, layer);
  if (!met) return failure({ code: 400, message: "'where' parameter is invalid." });
  const rows = sorted(ask, met);
  if (isOn(ask, 'returnCountOnly')) return json({ count: rows.length });
  // In no particular order, as the real one.
  if (isOn(ask, 'returnIdsOnly'))
    return json({ objectIdFieldName: objectIdName(layer), objectIds: rows.map((row) => row.id).reverse() });
  const figures = params.get('outStatistics');
  if (figures !== undefined) return statistics(figures, rows);
  const { shown, more } = paged(ask, rows, mostRows(layer));
  if (params.get('f') === 'geojson' && layer.shape?.ignoresFormat !== true) return geoJson(layer, shown, more);
  const hasShapes = layer.type === 'Feature Layer' && params.get('returnGeometry') !== 'false';
  return json({
    objectIdFieldName: objectIdName(layer),
    ...(globalIdName(layer) !== undefined && { globalIdFieldName: globalIdName(layer) }),
    ...(hasShapes && { spatialReference: { wkid: Number(params.get('outSR') ?? layer.shape?.wkid ?? 4326) } }),
    features: shown.map((row) => ({
      attributes: attributesOf(layer, row),
      ...(hasShapes && { geometry: shapeOf(ask, layer, row) }),
    })),
    ...more,
  });
}

/** Heights, measures and curves come only when they are asked for. */
function shapeOf(ask: Ask, { shape, definition }: Layer, row: Row): object | null {
  if (row.geometry === undefined) {
    if (definition) return null;
    const z = shape?.hasZ && isOn(ask, 'returnZ') && { z: row.id * 10 };
    const m = shape?.hasM && isOn(ask, 'returnM') && { m: row.id * 100 };
    return { x: row.id, y: row.id, ...z, ...m };
  }
  const { curvePaths, curveRings, ...plain } = row.geometry;
  const curves = curvePaths === undefined ? { curveRings } : { curvePaths };
  return isOn(ask, 'returnTrueCurves') && (curvePaths ?? curveRings) !== undefined ? curves : plain;
}

function geoJson(layer: Layer, shown: Row[], more: false | object): Answer {
  const { shape } = layer;
  const isKnown = shape?.supportedQueryFormats === undefined || /geojson/i.test(shape.supportedQueryFormats);
  if (!isKnown || shape?.geometryType === 'esriGeometryMultiPatch')
    return failure({ code: 400, message: 'Unable to complete operation.', details: ['Output format not supported.'] });
  const features = shown.map((row) => ({
    type: 'Feature',
    id: row.id,
    geometry: layer.definition ? geoShapeOf(row) : { type: 'Point', coordinates: [row.id, row.id] },
    properties: attributesOf(layer, row),
  }));
  return json({ type: 'FeatureCollection', features, ...(more && { properties: more }) });
}

/** The shape of a row that has one of its own. */
function geoShapeOf({ geometry }: Row): object | null {
  if (!geometry) return null;
  const { x, y, z, paths, rings, points } = geometry;
  if (x !== undefined) return { type: 'Point', coordinates: z === undefined ? [x, y] : [x, y, z] };
  if (points !== undefined) return { type: 'MultiPoint', coordinates: points };
  return paths === undefined
    ? { type: 'Polygon', coordinates: rings }
    : { type: 'MultiLineString', coordinates: paths };
}

/** Rows of one page. */
function mostRows({ definition }: Layer): number {
  const most = definition?.['maxRecordCount'];
  return typeof most === 'number' ? most : maxRecordCount;
}

const globalId = (row: number, id = 0) =>
  `{${String(row).padStart(8, '0')}-0000-4000-8000-${String(id).padStart(12, '0')}}`;

const infosOf = ({ id: row, attachments }: Row) =>
  attachments.map(({ id, name, content, keywords = '', exifInfo = null, globalId: own }) => ({
    id,
    globalId: own ?? globalId(row, id),
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
    return { parentObjectId: row.id, parentGlobalId: globalIdOf(layer, row), attachmentInfos };
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
