import { decoded } from '../../decoded.ts';

/** Where a service is that had another address. */
export interface NewService {
  /** as the portal gives it, up to `FeatureServer` */
  url: string;
  /** new numbers of layers by the old ones, of those that have another one now */
  layers: ReadonlyMap<number, number>;
}

/** What was made anew and is known by another name now: new names by the old ones (restore.md 3.4). */
export interface IdMap {
  /** by ids in lower case: of items, groups and folders alike, for all ids look the same */
  ids: ReadonlyMap<string, string>;
  /** by `serviceKey` of the old address */
  services: ReadonlyMap<string, NewService>;
}

/** A service that was made anew. */
export interface MovedService {
  from: string;
  to: string;
  layers?: ReadonlyMap<number, number>;
}

/** Nothing has another name. */
export const noMap: IdMap = { ids: new Map(), services: new Map() };

/** Everything that has another name now; what has the same one is none of it. */
export function idMap(ids: Iterable<readonly [string, string]>, services: Iterable<MovedService> = []): IdMap {
  const moved = [...services].flatMap(({ from, to, layers = new Map<number, number>() }) => {
    const key = serviceKey(from);
    const isSame = key === serviceKey(to) && layers.size === 0;
    return key === undefined || isSame ? [] : [[key, { url: upToServer(to), layers }] as const];
  });
  const others = [...ids].filter(([from, to]) => from !== to).map(([from, to]) => [from.toLowerCase(), to] as const);
  return { ids: new Map(others), services: new Map(moved) };
}

/** Is there anything that has another name? */
export function isEmptyMap({ ids, services }: IdMap): boolean {
  return ids.size === 0 && services.size === 0;
}

/** Has what is called so another name now? @param name an id, or the address of a service */
export function isMoved({ ids, services }: IdMap, name: string): boolean {
  return ids.has(name.toLowerCase()) || services.has(serviceKey(name) ?? '');
}

const server = /^(?:https?:)?\/\/[^?#]*\/\w+Server(?=\/|\?|#|$)/i;

/**
 * A service's address without scheme, usual port, layer, and what is asked of it, in lower case: what is the same in all its spellings.
 * Undefined of what is no address of a service.
 */
export function serviceKey(address: string): string | undefined {
  const found = server.exec(address.trim())?.[0];
  if (found === undefined) return undefined;
  const plain = decoded(found.replace(/^(?:https?:)?\/\//i, '')).toLowerCase();
  return plain.replace(/^([^/]*?):(?:80|443)(?=\/)/, '$1');
}

function upToServer(address: string): string {
  return server.exec(address.trim())?.[0] ?? address;
}
