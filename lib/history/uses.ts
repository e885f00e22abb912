import type { Archive } from '../archive/archive.ts';
import type { Part } from '../backup/item.ts';
import { chunks } from '../storage/json-blobs.ts';
import { serviceOf } from './find-item.ts';
import { stateOf, type State, type Version } from './history.ts';
import { formTexts } from './form-texts.ts';
import { findPart, manifestOf, parsed, recordOf, smallFile } from './item-files.ts';

/** What a text names. */
export interface Named {
  /** ids of items, and other hashes that look like one */
  ids: ReadonlySet<string>;
  /** those of them that stand where only an item's id stands */
  surelyIds: ReadonlySet<string>;
  /** services, as `serviceOf` has them */
  services: ReadonlySet<string>;
}

/** An item, or a service, at the other end of a use. */
export interface Use {
  /** null of a service that is no item of this archive */
  itemId: string | null;
  /** null where the archive does not know the item */
  title: string | null;
  owner: string | null;
  type: string | null;
  /** of a service */
  url: string | null;
}

/** An item that would miss another one. */
export interface User extends Use {
  /** 1 = uses it itself; 2 = uses what uses it; … */
  depth: number;
}

/** Larger files are data, not maps. */
const mostBytes = 16 * 1024 * 1024;
const isText = /\.(json|geojson|webform|html?|xml|ipynb|txt|csv|js|md)$/i;
const roles = new Set<Part['role']>(['data', 'resource', 'related', 'info', 'layers', 'record']);
const atOnce = 16;

/** Finds ids and service addresses in a text, whatever it is: JSON (with `\/` for a slash or not), XML, HTML. */
export function namedIn(text: string): Named {
  const plain = text.replaceAll('\\/', '/');
  const all = (pattern: RegExp) => [...plain.matchAll(pattern)].map((found) => (found[1] ?? '').toLowerCase());
  const id = '([0-9a-f]{32})(?![0-9a-f])';
  const surely = new RegExp(
    `"(?:\\w*item_?id|portalitem|webmap|webscene|map|app)"\\s*:\\s*(?:\\{\\s*"id"\\s*:\\s*)?"${id}"`,
    'gi',
  );
  const services = [...plain.matchAll(/https?:\/\/[^\s"'<>\\?#]{1,500}?\/\w+Server\b/gi)].map(([address]) =>
    serviceOf(address),
  );
  return {
    ids: new Set(all(new RegExp(`(?<![0-9a-f])${id}`, 'gi'))),
    surelyIds: new Set(all(surely)),
    services: new Set(services.filter((service) => service !== undefined)),
  };
}

/** What an item's record, data, resources and relations name, without itself. What is damaged names nothing. */
async function namedBy(archive: Archive, state: State): Promise<Named & { own: string | undefined }> {
  const manifest = await manifestOf(archive, state);
  const ids = new Set<string>();
  const surelyIds = new Set<string>();
  const services = new Set<string>();
  const record = await recordOf(archive, state);
  const own = typeof record?.['url'] === 'string' ? serviceOf(record['url']) : undefined;
  for (const part of manifest?.parts ?? []) {
    if (!roles.has(part.role) || part.size > mostBytes) continue;
    const isForm = state.type === 'Form' && part.role === 'data' && !isText.test(part.path);
    if (!isForm && !isText.test(part.path)) continue;
    const bytes = (await bytesOf(archive, state, part)) ?? Buffer.alloc(0);
    const text = isForm ? (await formTexts(bytes, { isText, mostBytes })).join('\n') : bytes.toString();
    const named = namedIn(part.role === 'related' ? forwardOnly(text) : text);
    for (const each of named.ids) ids.add(each);
    for (const each of named.surelyIds) surelyIds.add(each);
    for (const each of named.services) services.add(each);
  }
  ids.delete(state.id);
  surelyIds.delete(state.id);
  if (own !== undefined) services.delete(own);
  return { ids, surelyIds, services, own };
}

/** A relationship seen from its other end is no use: there the other item uses this one. */
function forwardOnly(relations: string): string {
  const all = parsed(Buffer.from(relations));
  if (!Array.isArray(all)) return '';
  return JSON.stringify(all.filter((each: { direction?: unknown } | null) => each?.direction === 'forward'));
}

async function bytesOf(archive: Archive, state: State, part: Part): Promise<Buffer | undefined> {
  if (!part.lfs) return smallFile(archive, state, part.path);
  const found = await findPart(archive, state, part);
  if (typeof found === 'string' || 'bytes' in found) return undefined;
  return (await archive.store.get(found.large))?.bytes;
}

/** Who names whom among the items of one commit. */
export class UseGraph {
  readonly #latest: ReadonlyMap<string, Version>;
  readonly #named: ReadonlyMap<string, Named & { own: string | undefined }>;
  readonly #ownerOfService = new Map<string, string>();

  private constructor(
    latest: ReadonlyMap<string, Version>,
    named: ReadonlyMap<string, Named & { own: string | undefined }>,
  ) {
    this.#latest = latest;
    this.#named = named;
    for (const [id, { own }] of named) if (own !== undefined) this.#ownerOfService.set(own, id);
  }

  /** Reads what the items that are there name. @param latest of one commit */
  static async read(archive: Archive, latest: ReadonlyMap<string, Version>): Promise<UseGraph> {
    const there = [...latest].flatMap(([id, { after }]) => (after === undefined ? [] : [{ id, state: after }]));
    const named = new Map<string, Named & { own: string | undefined }>();
    for await (const group of chunks(there, atOnce)) {
      const read = await Promise.all(group.map(({ state }) => namedBy(archive, state)));
      for (const [n, each] of read.entries()) named.set(group[n]?.id ?? '', each);
    }
    return new UseGraph(latest, named);
  }

  /** What an item uses: items of the archive, also deleted ones, then what the archive does not know. */
  uses(id: string): Use[] {
    const named = this.#named.get(id);
    if (named === undefined) return [];
    const known = this.#itemsIn(named).map((other) => this.#use(other));
    const foreign = [...named.surelyIds].filter((other) => !this.#latest.has(other));
    const services = [...named.services].filter((service) => !this.#ownerOfService.has(service));
    return [
      ...known,
      ...foreign.sort().map((itemId) => ({ ...nobody, itemId })),
      ...services.sort().map((service) => ({ ...nobody, url: `https://${service}` })),
    ];
  }

  /** What uses an item, and what uses that, nearest first. */
  usedBy(id: string): User[] {
    const users = new Map<string, number>([[id, 0]]);
    const callers = new Map<string, string[]>();
    for (const [other, named] of this.#named)
      for (const used of this.#itemsIn(named)) {
        const known = callers.get(used);
        if (known === undefined) callers.set(used, [other]);
        else known.push(other);
      }
    for (const [used, depth] of users)
      for (const user of callers.get(used) ?? []) if (!users.has(user)) users.set(user, depth + 1);
    users.delete(id);
    return [...users].map(([user, depth]) => ({ ...this.#use(user), depth }));
  }

  #itemsIn({ ids, services }: Named): string[] {
    const byService = [...services].map((service) => this.#ownerOfService.get(service) ?? '');
    return [...new Set([...ids, ...byService])].filter((id) => this.#latest.has(id)).sort();
  }

  #use(id: string): Use {
    const version = this.#latest.get(id);
    if (version === undefined) return { ...nobody, itemId: id };
    const { title, owner, type } = stateOf(version);
    return { itemId: id, title, owner, type, url: null };
  }
}

const nobody: Use = { itemId: null, title: null, owner: null, type: null, url: null };
