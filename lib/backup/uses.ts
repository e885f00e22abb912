import type { Part } from './item.ts';

/** What a text names. */
export interface Named {
  /** ids of items, and other hashes that look like one */
  ids: ReadonlySet<string>;
  /** those of them that stand where only an item's id stands */
  surelyIds: ReadonlySet<string>;
  /** addresses of services as the text has them, without what is asked of them, by `serviceOf` */
  services: ReadonlyMap<string, string>;
}

/** Bytes; larger files are data, not maps. */
export const mostNamingBytes = 16 * 1024 * 1024;
/** Hashes of one text that stand anywhere: a table has one in each row, a map names some dozens. */
const mostHashes = 1000;
/** What is recorded of one item. */
const mostUses = 10_000;

/** Is it a text, by its name? */
export const isText = /\.(json|geojson|webform|html?|xml|ipynb|txt|csv|js|md)$/i;
const roles = new Set<Part['role']>(['data', 'resource', 'related', 'info', 'layers', 'record']);
/** It names groups and nothing else. */
const sharing = 'sharing.json';

/** How what a part names is read: as a text, or out of a survey's zip; undefined when it names nothing. */
export function namingForm(type: string, { path, role, size }: Part): 'text' | 'form' | undefined {
  if (!roles.has(role) || size > mostNamingBytes || path === sharing) return undefined;
  if (isText.test(path)) return 'text';
  return type === 'Form' && role === 'data' ? 'form' : undefined;
}

const serviceAddress = /^https?:\/\/([^?#]+?\/(?:\w+Server))(?=\/|\?|#|$)/i;

/** A service's address without scheme, layer, and what is asked of it. Two that have the same one are one service. */
export function serviceOf(address: string): string | undefined {
  return serviceAddress.exec(address.trim())?.[1]?.toLowerCase();
}

/** The address of the service that an item's `url` leads to, as it is spelled; undefined where it leads to none. */
export function ownService(url: unknown): string | undefined {
  return typeof url === 'string' ? serviceAddress.exec(url.trim())?.[0] : undefined;
}

const id = '([0-9a-f]{32})(?![0-9a-f])';
const hashes = new RegExp(`(?<![0-9a-f])${id}`, 'gi');
const surely = new RegExp(
  `"(?:\\w*item_?id|portalitem|webmap|webscene|map|app)"\\s*:\\s*(?:\\{\\s*"id"\\s*:\\s*)?"${id}`,
  'gi',
);
// One that begins anew inside of another ends it, so that a hostile text costs no more than its length.
const addresses = /https?:\/\/(?:(?!https?:\/\/)[^\s"'<>\\?#]){1,500}?\/\w{1,40}Server\b/gi;

/** Finds ids and service addresses in a text, whatever it is: JSON (with `\/` for a slash or not), XML, HTML. */
export function namedIn(text: string): Named {
  const plain = text.replaceAll('\\/', '/').replaceAll(/%2f/gi, '/').replaceAll(/%3a/gi, ':');
  const all = (pattern: RegExp) => new Set([...plain.matchAll(pattern)].map((found) => (found[1] ?? '').toLowerCase()));
  const [ids, surelyIds] = [all(hashes), all(surely)];
  const services = new Map<string, string>();
  for (const [address] of plain.matchAll(addresses)) keepAddress(services, address);
  return { ids: ids.size > mostHashes ? surelyIds : ids, surelyIds, services };
}

/** Of two spellings the first in order, so that the same texts give the same whatever their order. */
function keepAddress(services: Map<string, string>, address: string): void {
  const service = serviceOf(address);
  const known = service && services.get(service);
  if (service !== undefined && (known === undefined || address < known)) services.set(service, address);
}

/** What several texts of an item name, together, without the item itself. @param item its id, and its service where that is its alone */
export function allNamed(item: { id: string; service?: string | undefined }, texts: readonly Named[]): Named {
  const services = new Map<string, string>();
  for (const named of texts) for (const address of named.services.values()) keepAddress(services, address);
  if (item.service !== undefined) services.delete(serviceOf(item.service) ?? '');
  const without = (ids: Iterable<string>) => new Set([...ids].filter((each) => each !== item.id));
  return {
    ids: without(texts.flatMap(({ ids }) => [...ids])),
    surelyIds: without(texts.flatMap(({ surelyIds }) => [...surelyIds])),
    services,
  };
}

/** As backup.json has it: ids first, then addresses of services, each in order. */
export function usesList({ ids, services }: Named): string[] {
  return [...[...ids].sort(), ...[...services.values()].sort()].slice(0, mostUses);
}

/** A relationship seen from its other end is no use: there the other item uses this one. @param relations as related.json has them */
export function forwardOnly(relations: unknown): unknown[] {
  if (!Array.isArray(relations)) return [];
  return relations.filter((each: { direction?: unknown } | null) => each?.direction === 'forward');
}
