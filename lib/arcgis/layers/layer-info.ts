import { z } from 'zod';
import { PortalError } from '../connection/portal-error.ts';
import { BrokenLayer, type LayerList } from './layer-list.ts';

/** What reading rows needs to know of a layer or table. */
export interface LayerInfo {
  id: number;
  name: string;
  /** a table, or a layer without shapes */
  isTable: boolean;
  geometryType: string | undefined;
  hasZ: boolean;
  hasM: boolean;
  /** may its shapes have true curves? */
  hasCurves: boolean;
  /** of its shapes, as the service writes it */
  spatialReference: unknown;
  /** does it say that it answers in GeoJSON? undefined: it does not say */
  speaksGeoJson: boolean | undefined;
  /** undefined: rows have none */
  objectIdField: string | undefined;
  /** may its rows be queried, as it says? Owners and administrators often may all the same */
  canQuery: boolean;
  /** in the order of the service */
  fields: readonly Field[];
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

/** A field as the service describes it, without its domain. */
export interface Field {
  name: string;
  type: string;
  alias?: string | null | undefined;
  length?: number | null | undefined;
}

const field = z.object({
  name: z.string(),
  type: z.string(),
  alias: z.string().nullish().catch(undefined),
  length: z.number().nullish().catch(undefined),
});
/** The number of a layer, also as a text. */
export const layerId = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
// What is of another type than documented is as if it were not there: an odd field must not cost the layer.
const flag = z.boolean().nullish().catch(undefined);
const word = z.string().nullish().catch(undefined);
const layer = z.looseObject({
  id: layerId,
  name: word,
  type: word,
  capabilities: word,
  geometryType: word,
  hasZ: flag,
  hasM: flag,
  supportsTrueCurve: flag,
  allowTrueCurvesUpdates: flag,
  supportedCurveTypes: z.array(z.unknown()).nullish().catch(undefined),
  supportedQueryFormats: word,
  extent: z.looseObject({ spatialReference: z.unknown().optional() }).nullish().catch(undefined),
  sourceSpatialReference: z.unknown().optional(),
  objectIdField: word,
  fields: z.array(field.nullable().catch(null)).nullish().catch(undefined),
  maxRecordCount: z.number().nullish().catch(undefined),
  // Asked for once too often it costs a question; once too seldom, the attachments.
  hasAttachments: z.unknown().optional().transform(Boolean),
  supportsStatistics: flag,
  advancedQueryCapabilities: z
    .looseObject({ supportsQueryAttachments: flag, supportsStatistics: flag })
    .nullish()
    .catch(undefined),
  editingInfo: z
    .looseObject({ lastEditDate: z.unknown().optional(), dataLastEditDate: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});
/** Each takes requests and a file of its own; the largest services have some hundred. */
const mostLayers = 10_000;

/** What a server gives at most when it does not say. */
const usualCount = 1000;

/**
 * The layers and tables that have rows: all but group layers and pictures; and those that the service lists without telling what
 * they are. Throws PORTAL_ANSWER.
 */
export function infosOf(list: LayerList, what: string): (LayerInfo | BrokenLayer)[] {
  const all = [...list.layers, ...list.tables];
  const ids = all.map(idOf).filter((id) => id !== undefined);
  const isDouble = new Set(ids).size !== ids.length;
  if (!isDouble && all.length <= mostLayers) return all.flatMap((each, n) => infoOf(each, n, what) ?? []);
  const trouble = isDouble ? 'names a layer twice' : `lists ${all.length} layers`;
  throw new PortalError('PORTAL_ANSWER', `${what}: the service ${trouble}.`);
}

const idOf = (each: unknown) => (each instanceof BrokenLayer ? each.id : layer.safeParse(each).data?.id);

function infoOf(given: unknown, n: number, what: string): LayerInfo | BrokenLayer | undefined {
  if (given instanceof BrokenLayer) return given;
  const found = layer.safeParse(given).data;
  if (found === undefined) return BrokenLayer.unknown(n, what);
  const { id, name, type, geometryType, maxRecordCount, hasAttachments, advancedQueryCapabilities } = found;
  const fields = (found.fields ?? []).filter((each) => each !== null);
  if (type === 'Group Layer' || type === 'Raster Layer') return undefined;
  return {
    id,
    name: name ?? '',
    isTable: type === 'Table' || !geometryType,
    ...shapesOf(found),
    objectIdField: found.objectIdField || fields.find((each) => each.type === 'esriFieldTypeOID')?.name,
    fields,
    canQuery: /\bquery\b/i.test(found.capabilities ?? 'Query'),
    maxRecordCount: maxRecordCount && maxRecordCount >= 1 ? Math.floor(maxRecordCount) : usualCount,
    hasAttachments,
    canQueryAttachments: advancedQueryCapabilities?.supportsQueryAttachments ?? false,
    hasStatistics: advancedQueryCapabilities?.supportsStatistics ?? found.supportsStatistics ?? false,
    // The date of the schema says nothing of rows.
    isDated: typeof (found.editingInfo?.lastEditDate ?? found.editingInfo?.dataLastEditDate) === 'number',
  };
}

function shapesOf(found: z.infer<typeof layer>) {
  const { geometryType, hasZ, hasM, supportsTrueCurve, allowTrueCurvesUpdates, supportedCurveTypes } = found;
  const mayCurve = /polyline|polygon/i.test(geometryType ?? '');
  const saysCurves = supportsTrueCurve === true || allowTrueCurvesUpdates === true || !!supportedCurveTypes?.length;
  return {
    geometryType: geometryType ?? undefined,
    hasZ: hasZ ?? false,
    hasM: hasM ?? false,
    hasCurves: mayCurve && saysCurves,
    spatialReference: found.extent?.spatialReference ?? found.sourceSpatialReference,
    speaksGeoJson: found.supportedQueryFormats ? /geojson/i.test(found.supportedQueryFormats) : undefined,
  };
}

/** How rows are written down. */
export type Form = 'geojson' | 'esri';

/**
 * The form that loses nothing of a layer's rows: GeoJSON, which everything reads, of tables and of plain shapes; Esri's own
 * JSON of shapes with measures, heights, true curves or triangles, and of those that GeoJSON would move to another datum.
 */
export function formOf(info: LayerInfo): Form {
  const { isTable, geometryType, hasZ, hasM, hasCurves, spatialReference, speaksGeoJson } = info;
  if (isTable) return 'geojson';
  const isPlain = !hasZ && !hasM && !hasCurves && geometryType !== multipatch && isGlobal(spatialReference);
  return isPlain && speaksGeoJson !== false ? 'geojson' : 'esri';
}

/** Shapes made of triangles. */
export const multipatch = 'esriGeometryMultiPatch';

const reference = z.looseObject({ wkid: z.number().nullish(), latestWkid: z.number().nullish() });

/** WGS 84, or the web's Mercator, which is computed from it without loss. */
function isGlobal(spatialReference: unknown): boolean {
  const { wkid, latestWkid } = reference.safeParse(spatialReference).data ?? {};
  const code = wkid ?? latestWkid ?? undefined;
  const isUnknown = spatialReference === undefined || spatialReference === null;
  return isUnknown || (code !== undefined && [4326, 3857, 102100, 102113].includes(code));
}
