import { BackupError } from '../../../errors.ts';

type Point = readonly number[];
type Json = Readonly<Record<string, unknown>>;

/** WGS 84, in which GeoJSON is always written. */
const worldwide = { wkid: 4326 };

/**
 * A shape of GeoJSON as Esri writes it; undefined where a row has none. Of services that do not know GeoJSON older backups have Esri's
 * own shapes in its place. Throws RESTORE_DAMAGED where it is neither: no row may lose its place silently.
 */
export function esriShape(geometry: unknown): Json | undefined {
  if (typeof geometry !== 'object' || geometry === null) return undefined;
  if (isEsri(geometry)) return { ...geometry, spatialReference: worldwide };
  const { type, coordinates } = geometry as { type?: unknown; coordinates?: unknown };
  if (Array.isArray(coordinates) && coordinates.length === 0) return undefined;
  const shape = Array.isArray(coordinates) ? shapeOf(String(type), coordinates) : undefined;
  if (shape === undefined)
    throw new BackupError('RESTORE_DAMAGED', `A row of the version has a shape of the unknown type ${String(type)}.`);
  return { ...shape, spatialReference: worldwide };
}

const isEsri = (geometry: object) =>
  ['x', 'points', 'paths', 'rings', 'curvePaths', 'curveRings'].some((key) => key in geometry);

function shapeOf(type: string, coordinates: unknown): Json | undefined {
  if (type === 'Point') {
    const [x, y, z] = coordinates as Point;
    return { x, y, ...(z !== undefined && { z }) };
  }
  if (type === 'MultiPoint') return { points: coordinates };
  if (type === 'LineString') return { paths: [coordinates] };
  if (type === 'MultiLineString') return { paths: coordinates };
  if (type === 'Polygon') return { rings: turned(coordinates as Point[][]) };
  if (type === 'MultiPolygon') return { rings: (coordinates as Point[][][]).flatMap(turned) };
  return undefined;
}

/** Esri's outer rings run clockwise and holes the other way; those of GeoJSON the other way round (RFC 7946, 3.1.6). */
function turned(rings: readonly Point[][]): Point[][] {
  return rings.map((ring, n) => (isClockwise(ring) === (n === 0) ? ring : ring.toReversed()));
}

function isClockwise(ring: readonly Point[]): boolean {
  let area = 0;
  for (let n = 0; n + 1 < ring.length; n++) {
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = [ring[n], ring[n + 1]];
    area += (x2 - x1) * (y2 + y1);
  }
  return area > 0;
}

/** A centimetre, whether the numbers are degrees or metres: what is projected there and back differs in its last digits. */
const most = (a: number) => Math.max(1e-8, Math.abs(a) * 1e-9);

/** Are two shapes the same place? Rings may run the other way round. Where one is GeoJSON and the other is not, Esri's are compared. */
export function isSamePlace(a: unknown, b: unknown): boolean {
  return isGeoJson(a) === isGeoJson(b) ? isSameShape(a, b) : isSameShape(esriShape(a), esriShape(b));
}

const isGeoJson = (shape: unknown) => typeof shape === 'object' && shape !== null && 'coordinates' in shape;

function isSameShape(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= most(a);
  if (Array.isArray(a) && Array.isArray(b)) return isSameList(a, b) || (isRing(a) && isSameList(a, b.toReversed()));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return (a ?? null) === (b ?? null);
  const [one, other] = [keysOf(a), keysOf(b)];
  return one.join() === other.join() && one.every((key) => isSameShape((a as Json)[key], (b as Json)[key]));
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((each, n) => isSameShape(each, b[n]));
}

const isRing = (list: readonly unknown[]) => list.length > 3 && list.every(Array.isArray);

/** In which reference it is written is said of all rows at once. */
const keysOf = (shape: object) =>
  Object.keys(shape)
    .filter((key) => key !== 'spatialReference')
    .sort();
