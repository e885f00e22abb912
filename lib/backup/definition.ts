import { canonicalJson } from './json.ts';

/** Keys that change without anybody changing the definition, wherever they stand. */
const volatile = new Set([
  'currentVersion',
  'fullVersion',
  'editingInfo',
  'serverGens',
  'layerServerGens',
  'lastModified',
  'lastUpdated',
  'token',
  'adminToken',
]);

/** The bytes of a definition as the archive keeps it: sorted, without what changes by itself or is a secret. */
export function definitionBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(lasting(value)));
}

function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !volatile.has(key));
  return Object.fromEntries(kept.map(([key, field]) => [key, lasting(field)]));
}
