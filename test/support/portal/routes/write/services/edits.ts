import { json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { isOn } from '../../../paging.ts';
import { globalIdName } from '../../../table.ts';
import { rowsWhere } from '../../../where.ts';
import type { Layer, Service } from '../../../words.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { applyAttachments, type AttachmentEdits } from './attachments.ts';
import { job, jsonOf, layerIn, moved, opened, server } from './door.ts';
import { addRow, deleteRow, failed, holder, snapshot, updateRow, type Feature, type Result } from './rows.ts';

/** Edits of rows (restore.md 2.1). */

interface Edits {
  adds?: Feature[];
  updates?: Feature[];
  deletes?: (number | string)[];
  attachments?: AttachmentEdits;
}

type Results = Record<string, unknown> & { addResults: Result[]; updateResults: Result[]; deleteResults: Result[] };

/** All edits of a layer. One that fails takes all others back, unless rollbackOnFailure is false. */
function applied(ask: Ask, service: Service, layer: Layer, edits: Edits): Results | Answer {
  const byGlobalId = isOn(ask, 'useGlobalIds');
  const at = holder(ask, service, layer);
  if (byGlobalId && globalIdName(at.layer) === undefined) return invalid("'useGlobalIds' parameter is invalid.");
  const back = snapshot(at.layer);
  const deletes = edits.deletes ?? [];
  const results: Results = {
    addResults: (edits.adds ?? []).map((each) => addRow(ask, at.service, at.layer, each, byGlobalId)),
    updateResults: (edits.updates ?? []).map((each) => updateRow(ask, at.service, at.layer, each, byGlobalId)),
    deleteResults: deletes.map((key) => deleteRow(at.layer, byGlobalId ? String(key) : Number(key))),
  };
  if (edits.attachments) results['attachments'] = applyAttachments(ask, at.service, at.layer, edits.attachments);
  const all = [results.addResults, results.updateResults, results.deleteResults];
  if (all.flat().some(({ success }) => !success) && ask.params.get('rollbackOnFailure') !== 'false') {
    back();
    for (const list of all)
      list.forEach((each, n) => each.success && (list[n] = failed(each.objectId, 1003, 'Operation rolled back.')));
  }
  moved(ask, service.itemId, layer, 'rows');
  return results;
}

const list = <T>(value: unknown) => (Array.isArray(value) ? (value as T[]) : []);

function deletesIn(ask: Ask): (number | string)[] {
  const value = jsonOf(ask, 'deletes');
  if (Array.isArray(value)) return value as (number | string)[];
  return (ask.params.get('deletes') ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
}

/** By the address of a layer. */
function ofLayer(
  read: (ask: Ask, layer: Layer) => Edits | Answer,
  show: (results: Results) => object = (results) => results,
) {
  return (ask: Ask, name = '', id = ''): Answer => {
    const open = opened(ask, name, /\b(Editing|Create|Update|Delete)\b/);
    if (isAnswer(open)) return open;
    const layer = layerIn(open.service, id);
    if (isAnswer(layer)) return layer;
    const edits = read(ask, layer);
    if (isAnswer(edits)) return edits;
    const results = applied(ask, open.service, layer, edits);
    if (isAnswer(results)) return results;
    if (!isOn(ask, 'async')) return json(show(results));
    return job(ask, name, 'statusUrl', { status: 'COMPLETED', resultUrl: '', ...results });
  };
}

function editsIn(ask: Ask): Edits | Answer {
  const upload = ask.params.get('editsUploadId');
  const held = upload === undefined ? undefined : ask.state.uploads.get(upload);
  if (upload !== undefined && !held) return invalid('Invalid editsUploadId.');
  if (held) return JSON.parse(held.content.bytes().toString()) as Edits;
  const attachments = jsonOf(ask, 'attachments') as AttachmentEdits | undefined;
  return {
    adds: list<Feature>(jsonOf(ask, 'adds')),
    updates: list<Feature>(jsonOf(ask, 'updates')),
    deletes: deletesIn(ask),
    ...(attachments && { attachments }),
  };
}

/** POST applyEdits of a service: edits of several layers, each with an outcome of its own. */
function ofService(ask: Ask, name = ''): Answer {
  const open = opened(ask, name, /\b(Editing|Create|Update|Delete)\b/);
  if (isAnswer(open)) return open;
  const all = list<Edits & { id: number }>(jsonOf(ask, 'edits'));
  const results: object[] = [];
  for (const { id, ...edits } of all) {
    const layer = layerIn(open.service, String(id));
    if (isAnswer(layer)) return layer;
    const result = applied(ask, open.service, layer, edits);
    if (isAnswer(result)) return result;
    results.push({ id, ...result });
  }
  return json(results);
}

/** deleteFeatures: by their numbers, or by a condition. */
function deleted(ask: Ask, layer: Layer): Edits | Answer {
  const { rows } = layer;
  const ids = ask.params.get('objectIds');
  if (ids !== undefined) return { deletes: ids.split(',').map(Number) };
  const where = ask.params.get('where');
  const met = where === undefined ? undefined : rowsWhere(layer, where, rows);
  return met ? { deletes: met.map(({ id }) => id) } : invalid("'where' parameter is invalid.");
}

const features = (ask: Ask) => list<Feature>(jsonOf(ask, 'features'));

/** Edits. */
export const editRoutes: Route[] = [
  write(`${server}/applyEdits`, ofService),
  write(`${server}/(\\d+)/applyEdits`, ofLayer(editsIn)),
  write(
    `${server}/(\\d+)/addFeatures`,
    ofLayer(
      (ask) => ({ adds: features(ask) }),
      ({ addResults }) => ({ addResults }),
    ),
  ),
  write(
    `${server}/(\\d+)/updateFeatures`,
    ofLayer(
      (ask) => ({ updates: features(ask) }),
      ({ updateResults }) => ({ updateResults }),
    ),
  ),
  write(
    `${server}/(\\d+)/deleteFeatures`,
    ofLayer(deleted, ({ deleteResults }) => ({ deleteResults })),
  ),
];
