import { errors, json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { jsonContent } from '../../../content.ts';
import { layersIn } from '../../../export-rows.ts';
import { isOn } from '../../../paging.ts';
import { mayMake } from '../../../tokens.ts';
import { define, globalIdName, newGlobalId } from '../../../table.ts';
import type { Layer, PortalItem } from '../../../words.ts';
import { isItem, root, visible } from '../../wire.ts';
import { broke, invalid, space, write } from '../door.ts';
import { errorIn, ownContent, wishedId } from '../items.ts';
import { nameRefused, newService } from './create.ts';
import { addressOf, allOf, jsonOf } from './door.ts';

/** Services made of files (restore.md 3.1). */

/** The error of a publish stands in its list, and the answer looks like a success. */
function refusedAs(answer: Answer): Answer {
  return json({ services: [{ type: 'Feature Service', success: false, error: errorIn(answer) }] });
}

/** POST publish. */
async function publish(ask: Ask, owner = ''): Promise<Answer> {
  const closed = space(ask, owner) ?? broke(ask);
  if (closed) return closed;
  if (!mayMake(ask.caller, 'portal:publisher:publishFeatures')) return errors.forbidden();
  const source = visible(ask, ask.params.get('itemId') ?? '');
  if (!isItem(source)) return source;
  const { fileType } = Object.fromEntries(
    [...ask.params].map(([key, value]) => [key.toLowerCase() === 'filetype' ? 'fileType' : key, value]),
  );
  if (!fileType) return invalid("'fileType' must be specified.");
  const { publishRefuses } = ask.state.writing;
  if (publishRefuses) return refusedAs(invalid(publishRefuses));
  const tiles = tilesOf[fileType];
  if (tiles) return ofPackage(ask, owner, source, tiles);
  const content = source.job?.content ?? source.data;
  const layers = content ? await layersIn(content) : undefined;
  if (!layers) return refusedAs(invalid('The file cannot be read.'));
  return isOn(ask, 'overwrite') ? overwrite(ask, source, layers) : anew(ask, owner, source, layers);
}

interface Tiles {
  /** of the file */
  file: string;
  /** of the service that it becomes */
  type: string;
  server: string;
  /** what must be asked for besides */
  outputType?: string;
}

const tilesOf: Partial<Record<string, Tiles>> = {
  tilePackage: { file: 'Tile Package', type: 'Map Service', server: 'MapServer' },
  compactTilePackage: { file: 'Compact Tile Package', type: 'Map Service', server: 'MapServer' },
  vectortilepackage: {
    ...{ file: 'Vector Tile Package', type: 'Vector Tile Service', server: 'VectorTileServer' },
    outputType: 'VectorTiles',
  },
  scenePackage: {
    ...{ file: 'Scene Package', type: 'Scene Service', server: 'SceneServer' },
    outputType: 'sceneService',
  },
};

/** A service of tiles, which come out of the package; it has no rows, and nobody can export it. */
function ofPackage(ask: Ask, owner: string, source: PortalItem, { file, type, server, outputType }: Tiles): Answer {
  if (source.record.type !== file || !source.data) return refusedAs(invalid('The package cannot be read.'));
  if (outputType !== undefined && ask.params.get('outputType') !== outputType)
    return refusedAs(invalid(`outputType must be ${outputType}.`));
  const { name } = (jsonOf(ask, 'publishParameters') ?? {}) as { name?: unknown };
  const taken = nameRefused(ask, name);
  if (taken) return refusedAs(taken);
  const item = newService(ask, owner, { name: String(name), isView: false, more: { capabilities: 'Map' } });
  Object.assign(item.record, {
    type,
    url: `{portal}/arcgis/rest/services/${String(name)}/${server}`,
    typeKeywords: [type, 'Service', 'Hosted Service', 'Tiled'],
  });
  if (item.service) item.service.tiles = isOn(ask, 'buildInitialCache') ? source.data.sha256() : null;
  ask.state.org.relate(item.record.id, source.record.id, 'Service2Data');
  return started(ask, item);
}

function anew(ask: Ask, owner: string, source: PortalItem, layers: readonly Layer[]): Answer {
  const more = (jsonOf(ask, 'publishParameters') ?? {}) as Record<string, unknown>;
  const name = more['name'];
  const taken = nameRefused(ask, name);
  if (taken) return refusedAs(taken);
  const wished = wishedId(ask);
  if (typeof wished === 'object') return refusedAs(wished);
  const info = (more['layerInfo'] ?? {}) as Record<string, unknown>;
  // Published files can be edited unless it is said otherwise.
  const capabilities = info['capabilities'] ?? 'Create,Delete,Query,Update,Editing,Extract';
  const item = newService(ask, owner, { name: String(name), isView: false, more: { capabilities } }, wished);
  fill(ask, item, layers);
  ask.state.org.relate(item.record.id, source.record.id, 'Service2Data');
  item.infos.set('publishParameters.json', contentOfJson(more));
  return started(ask, item);
}

function contentOfJson(value: unknown) {
  return jsonContent(value, 'application/json');
}

/** Layers get numbers of the portal's own, in the order of the file, and its symbols: what they looked like is lost. */
function fill(ask: Ask, { service, record }: PortalItem, layers: readonly Layer[]): void {
  if (!service) return;
  const at = ask.state.org.tick();
  const { publishEmpty, appendGlobalIds } = ask.state.writing;
  const ordered = [...layers.filter(({ type }) => type !== 'Table'), ...layers.filter(({ type }) => type === 'Table')];
  const made = ordered.map((layer, id): Layer => {
    const { fields } = define(layer);
    const rows = publishEmpty ? [] : layer.rows.map((row) => ({ ...row, attachments: [...row.attachments] }));
    const globalId = globalIdName(layer);
    if (globalId !== undefined && appendGlobalIds === 'new')
      for (const row of rows) row.values = { ...row.values, [globalId]: newGlobalId(`${record.id} ${id} ${row.id}`) };
    const { smallFields } = ask.state.writing;
    const named = <T>(values: Record<string, T>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
    if (smallFields) for (const row of rows) row.values = named(row.values ?? {});
    const hasAttachments = layer.rows.some(({ attachments }) => attachments.length > 0);
    const geometryType = layer.definition?.['geometryType'];
    const maxRecordCount = layer.definition?.['maxRecordCount'];
    const own = structuredClone(fields);
    const definition = {
      fields: smallFields ? own.map((field) => ({ ...field, name: field.name.toLowerCase() })) : own,
      hasAttachments,
      ...(geometryType !== undefined && { geometryType }),
      ...(maxRecordCount !== undefined && { maxRecordCount }),
      ...(globalId !== undefined && { globalIdField: smallFields ? globalId.toLowerCase() : globalId }),
    };
    const editingInfo = { lastEditDate: at, schemaLastEditDate: at, dataLastEditDate: at };
    return {
      id,
      name: layer.name,
      type: layer.type,
      editingInfo,
      rows,
      definition,
      ...(layer.shape && { shape: layer.shape }),
    };
  });
  service.layers = made.filter(({ type }) => type !== 'Table');
  service.tables = made.filter(({ type }) => type === 'Table');
}

/** The service that was made of this very file gets what it holds now; popups and symbols are lost. */
function overwrite(ask: Ask, source: PortalItem, layers: readonly Layer[]): Answer {
  const related = source.relations.find(({ type, direction }) => type === 'Service2Data' && direction === 'reverse');
  const item = ask.state.org.items.get(related?.id ?? '');
  if (!item?.service || item.recycled) return refusedAs(invalid('Cannot find related data item.'));
  if ((item.service.replicas ?? []).length > 0) return refusedAs(invalid('The service has replicas.'));
  fill(ask, item, layers);
  item.data = null;
  for (const { id } of allOf(item.service)) ask.state.org.editRows(item.record.id, id);
  ask.state.org.editItem(item.record.id, { size: 0 });
  return started(ask, item);
}

function started(ask: Ask, item: PortalItem): Answer {
  const { publishPolls, publishEnds } = ask.state.writing;
  const jobId = ask.state.jobs.newId();
  item.publishing = { jobId, polls: publishPolls, end: publishEnds, message: 'Error publishing the item.' };
  const serviceurl = addressOf(ask, item.service?.name ?? '');
  const { id } = item.record;
  return json({
    services: [
      { type: 'Feature Service', serviceurl, size: 0, jobId, serviceItemId: id, encodedServiceURL: serviceurl },
    ],
  });
}

/** POST analyze: how a file would be published. */
async function analyze(ask: Ask): Promise<Answer> {
  const item = visible(ask, ask.params.get('itemid') ?? ask.params.get('itemId') ?? '');
  if (!isItem(item)) return item;
  if (item.record.size > 10_000_000) return invalid('The file is too large to be analyzed.');
  const layers = item.data ? ((await layersIn(item.data)) ?? []) : [];
  const fields = layers[0] ? define(layers[0]).fields : [];
  return json({
    publishParameters: { name: item.record.title, type: 'csv', locationType: 'none', layerInfo: { fields } },
    records: [],
  });
}

/** Publishing. */
export const publishRoutes: Route[] = [
  write(`${ownContent}/publish`, publish),
  { pattern: new RegExp(`${root}/content/features/analyze$`), answer: analyze },
];
