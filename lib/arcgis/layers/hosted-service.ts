import { z } from 'zod';
import type { Item } from '../../backup/item.ts';
import { shaped, type Client } from '../connection/client.ts';
import { infosOf, type LayerInfo } from './layer-info.ts';
import { BrokenLayer, listLayers } from './layer-list.ts';
import { openTable, type RowTable } from './row-table.ts';
import { askService, serviceAddress } from './service.ts';

/** How layers belong together: the rows of one carry a value of the other's. */
export interface Relationship {
  /** the layer at the other end */
  layer: number;
  /** is this layer the one that the other belongs to? */
  isOrigin: boolean;
  /** the field of this layer by which they are joined */
  key: string;
}

/** What a layer says of how its rows may be written. */
export interface LayerTraits {
  /** undefined: rows have no global ids */
  globalIdField: string | undefined;
  /** may rows be added under the global ids that they bring? */
  keepsGlobalIds: boolean;
  mayTruncate: boolean;
  /** does it load file geodatabases? */
  mayAppend: boolean;
  /** fields that tell who made and edited a row, and when */
  editFields: readonly string[];
  relationships: readonly Relationship[];
  /** how it keeps its shapes to draw them faster; null where it does not */
  optimisation: Record<string, unknown> | null;
}

/** A layer or table of a hosted service that lives. */
export type HostedTable = RowTable & { traits: LayerTraits };

/** A hosted service that lives, as its owner and administrators see it. */
export interface HostedService {
  address: string;
  capabilities: string;
  isView: boolean;
  hasViews: boolean;
  /** are rows stamped with who edited them? Then what the service says of it */
  tracking: Record<string, unknown> | null;
  tables: readonly HostedTable[];
}

const flag = z.boolean().nullish().catch(undefined);
const word = z.string().nullish().catch(undefined);
const service = z.looseObject({
  capabilities: word,
  isView: flag,
  hasViews: flag,
  editorTrackingInfo: z.looseObject({ enableEditorTracking: flag }).nullish().catch(undefined),
});
const relationship = z.looseObject({ relatedTableId: z.number(), role: z.string(), keyField: z.string() });
const layer = z.looseObject({
  fields: z.array(z.unknown()).nullish().catch(undefined),
  globalIdField: word,
  supportsTruncate: flag,
  supportsAppend: flag,
  supportedAppendFormats: word,
  supportsApplyEditsWithGlobalIds: flag,
  editFieldsInfo: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  relationships: z.array(z.unknown()).nullish().catch(undefined),
  multiScaleGeometryInfo: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const field = z.looseObject({ name: z.string(), type: z.string() });

/** What the JSON of a layer says of how its rows may be written; of one that says nothing, nothing. */
export function traitsOf(given: unknown): LayerTraits {
  const found = layer.safeParse(given).data ?? {};
  const fields = (found.fields ?? []).flatMap((each) => field.safeParse(each).data ?? []);
  const globalIdField = found.globalIdField || fields.find(({ type }) => type === 'esriFieldTypeGlobalID')?.name;
  return {
    globalIdField,
    keepsGlobalIds: globalIdField !== undefined && found.supportsApplyEditsWithGlobalIds === true,
    mayTruncate: found.supportsTruncate === true,
    mayAppend: found.supportsAppend === true && /filegdb/i.test(found.supportedAppendFormats ?? ''),
    editFields: Object.values(found.editFieldsInfo ?? {}).filter((each) => typeof each === 'string'),
    relationships: (found.relationships ?? []).flatMap((each) => {
      const { relatedTableId, role, keyField } = relationship.safeParse(each).data ?? {};
      if (relatedTableId === undefined || role === undefined || keyField === undefined) return [];
      return [{ layer: relatedTableId, isOrigin: /origin$/i.test(role), key: keyField }];
    }),
    optimisation: isOptimised(found.multiScaleGeometryInfo) ? found.multiScaleGeometryInfo : null,
  };
}

function isOptimised(info: Record<string, unknown> | null | undefined): info is Record<string, unknown> {
  const levels = info?.['levels'];
  return Array.isArray(levels) && levels.length > 0;
}

/** The layers of a definition, live or saved, by what reading and what writing their rows needs to know. Throws PORTAL_ANSWER. */
export function layersOf(
  list: Parameters<typeof infosOf>[0],
  what: string,
): { info: LayerInfo; traits: LayerTraits }[] {
  const byId = new Map(
    [...list.layers, ...list.tables].map((each) => [(each as { id?: unknown } | null)?.id, each] as const),
  );
  return infosOf(list, what).map((info) => {
    if (info instanceof BrokenLayer) throw info.error;
    return { info, traits: traitsOf(byId.get(info.id) ?? byId.get(String(info.id))) };
  });
}

/** Reads what a hosted service is. Throws HOST_FOREIGN, PORTAL_…; also where one of its layers is not told. */
export async function readHosted(client: Client, item: Item): Promise<HostedService> {
  const address = await serviceAddress(client, item);
  const what = `The service of ${item.id}`;
  // The address for administrators tells of tracking as well.
  const url = address.replace('/rest/services/', '/rest/admin/services/');
  const found = shaped(service, await askService(client, { url, what }), what);
  const layers = layersOf(await listLayers(client, address, what), what);
  return {
    address,
    capabilities: found.capabilities ?? '',
    isView: found.isView === true || item.typeKeywords.includes('View Service'),
    hasViews: found.hasViews === true,
    tracking: found.editorTrackingInfo?.enableEditorTracking === true ? found.editorTrackingInfo : null,
    tables: layers.map(({ info, traits }) => ({
      ...openTable(client, `${address}/${info.id}`, info, traits.globalIdField),
      traits,
    })),
  };
}

/**
 * How many copies of a service are out on devices, which an emptied layer makes void.
 * https://developers.arcgis.com/rest/services-reference/online/replicas/
 */
export async function countReplicas(client: Client, item: Item): Promise<number> {
  const what = `The replicas of ${item.id}`;
  const url = `${await serviceAddress(client, item)}/replicas`;
  return shaped(z.array(z.unknown()), await askService(client, { url, what }), what).length;
}
