import { failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn } from '../paging.ts';
import type { Layer, Row } from '../words.ts';
import { found, isService, maxRecordCount, server } from './services.ts';

function layerOf(ask: Ask, name: string, id: string): Layer | Answer {
  const one = found(ask, name);
  if (!isService(one)) return one;
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

function query(ask: Ask, name = '', id = ''): Answer {
  const layer = layerOf(ask, name, id);
  if (!isLayer(layer)) return layer;
  const asked = ask.params.get('objectIds')?.split(',').map(Number);
  const rows = layer.rows.filter((row) => asked?.includes(row.id) ?? true);
  if (isOn(ask, 'returnCountOnly')) return json({ count: rows.length });
  // In no particular order, as the real one.
  if (isOn(ask, 'returnIdsOnly'))
    return json({ objectIdFieldName: 'OBJECTID', objectIds: rows.map((row) => row.id).reverse() });
  const { shown, more } = paged(ask, rows);
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
  let left = maxRecordCount;
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

/** Rows and their attachments. */
export const rowRoutes: Route[] = [
  { pattern: new RegExp(`${server}/(\\d+)/query$`), answer: query },
  { pattern: new RegExp(`${server}/(\\d+)/queryAttachments$`), answer: attachmentsOf },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments$`), answer: attachmentsOfRow },
  { pattern: new RegExp(`${server}/(\\d+)/(\\d+)/attachments/(\\d+)$`), answer: attachment },
];
