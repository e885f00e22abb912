import { canonicalJson } from '../json.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a service's own description that change without anybody changing the service, or are a secret. */
const ofService = new Set([
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
/** The same of the description of one layer or table. */
const ofLayer = new Set(['currentVersion', 'editingInfo', 'serverGens']);
/** How far clients may synchronize: changes with every edit of a row. */
const ofTracking = new Set(['lastSyncDate', 'layerServerGens']);

/**
 * The bytes of a definition as the archive keeps it: sorted, without what changes by itself. That is left out by its exact
 * place, for templates, domains and labels may have keys of the same names that are the member's.
 * @param value the answers of a service, by what was asked for, as `Definition` in lib/arcgis/content/relations.ts has them
 */
export function definitionBytes(value: object): Buffer {
  const answers = Object.entries(value).map(([name, answer]): [string, unknown] => [
    name,
    // By layer id, each an answer of its own.
    name === 'contingentValues' ? mapFields(answer, (each) => without(each, ofLayer)) : lasting(answer),
  ]);
  return Buffer.from(canonicalJson(Object.fromEntries(answers)));
}

function lasting(answer: unknown): unknown {
  if (!isFields(answer)) return answer;
  const kept = Object.entries(without(answer, ofService) as Fields).map(([name, value]): [string, unknown] => {
    if ((name === 'layers' || name === 'tables') && Array.isArray(value))
      return [name, value.map((layer) => without(layer, ofLayer))];
    return [name, name === 'changeTrackingInfo' ? without(value, ofTracking) : value];
  });
  return Object.fromEntries(kept);
}

function without(value: unknown, left: ReadonlySet<string>): unknown {
  return isFields(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name))) : value;
}

function mapFields(value: unknown, change: (each: unknown) => unknown): unknown {
  return isFields(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each)]))
    : value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
