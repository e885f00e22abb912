import { z } from 'zod';
import { shaped } from './client.ts';
import { PortalFault } from './fault.ts';

/** What reading rows needs to know of a layer or table. */
export interface LayerInfo {
  id: number;
  name: string;
  /** a table, or a layer without shapes */
  isTable: boolean;
  hasZ: boolean;
  objectIdField: string;
  /** in the order of the service */
  fields: readonly { name: string; type: string }[];
  /** rows that an answer holds at most */
  maxRecordCount: number;
  hasAttachments: boolean;
  /** else the attachments of each row are asked for alone */
  canQueryAttachments: boolean;
  /** can it count and find the highest number in one question? */
  hasStatistics: boolean;
  /** does it tell when rows were edited? */
  isDated: boolean;
}

const layer = z.looseObject({
  id: z.number(),
  name: z.string().nullish(),
  type: z.string().nullish(),
  geometryType: z.string().nullish(),
  hasZ: z.boolean().nullish(),
  objectIdField: z.string().nullish(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.string() })).nullish(),
  maxRecordCount: z.number().nullish(),
  hasAttachments: z.boolean().nullish(),
  supportsStatistics: z.boolean().nullish(),
  advancedQueryCapabilities: z
    .looseObject({ supportsQueryAttachments: z.boolean().nullish(), supportsStatistics: z.boolean().nullish() })
    .nullish(),
  editingInfo: z
    .looseObject({ lastEditDate: z.unknown().optional(), dataLastEditDate: z.unknown().optional() })
    .nullish(),
});
const service = z.looseObject({ layers: z.array(layer).nullish(), tables: z.array(layer).nullish() });

/** Each takes requests and a file of its own; the largest services have some hundred. */
const mostLayers = 10_000;

/** What a server gives at most when it does not say. */
const usualCount = 1000;

/** The layers and tables that have rows, from the answer of `/layers`: all but group layers and pictures. Throws PORTAL_ANSWER. */
export function infosOf(answer: unknown, what: string): LayerInfo[] {
  const { layers, tables } = shaped(service, answer, what);
  const all = [...(layers ?? []), ...(tables ?? [])];
  const isDouble = new Set(all.map(({ id }) => id)).size !== all.length;
  if (!isDouble && all.length <= mostLayers) return all.flatMap((each) => infoOf(each) ?? []);
  const trouble = isDouble ? 'names a layer twice' : `lists ${all.length} layers`;
  throw new PortalFault('PORTAL_ANSWER', `${what}: the service ${trouble}.`);
}

function infoOf(found: z.infer<typeof layer>): LayerInfo | undefined {
  const { id, name, type, geometryType, hasZ, objectIdField, fields, maxRecordCount, hasAttachments } = found;
  const key = objectIdField ?? fields?.find((field) => field.type === 'esriFieldTypeOID')?.name;
  if (type === 'Group Layer' || type === 'Raster Layer' || !fields || key === undefined) return undefined;
  return {
    id,
    name: name ?? '',
    isTable: type === 'Table' || !geometryType,
    hasZ: hasZ ?? false,
    objectIdField: key,
    fields: fields.map((field) => ({ name: field.name, type: field.type })),
    maxRecordCount: maxRecordCount ?? usualCount,
    hasAttachments: hasAttachments ?? false,
    canQueryAttachments: found.advancedQueryCapabilities?.supportsQueryAttachments ?? false,
    hasStatistics: found.advancedQueryCapabilities?.supportsStatistics ?? found.supportsStatistics ?? false,
    // The date of the schema says nothing of rows.
    isDated: typeof (found.editingInfo?.lastEditDate ?? found.editingInfo?.dataLastEditDate) === 'number',
  };
}
