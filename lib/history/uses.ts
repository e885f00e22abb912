import type { Archive } from '../archive/archive.ts';
import { readNamed } from '../archive/read-uses.ts';
import type { Part } from '../backup/item.ts';
import { ownService, serviceOf, usesList } from '../backup/uses.ts';
import { chunks } from '../storage/json-blobs.ts';
import { stateOf, type State, type Uses, type Version } from './history.ts';
import { findPart, manifestOf, recordOf, smallFile } from './item-files.ts';

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

const atOnce = 16;

/**
 * Reads what an item names out of its files: for versions whose backup.json does not say it. What is damaged names nothing.
 * @returns also the ids that stand where only an item's id stands, which backup.json does not tell apart
 */
export async function readUses(archive: Archive, state: State): Promise<Uses & { surelyIds: ReadonlySet<string> }> {
  const record = await recordOf(archive, state);
  const parts = (await manifestOf(archive, state))?.parts ?? [];
  const named = await readNamed({ id: state.id, type: state.type, parts, record }, (part) =>
    bytesOf(archive, state, part),
  );
  return { names: usesList(named), service: ownService(record?.['url']), surelyIds: named.surelyIds };
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
  readonly #uses: ReadonlyMap<string, Uses>;
  /** ids of the items that are a service, or else of those that point to it */
  readonly #byService: ReadonlyMap<string, readonly string[]>;

  private constructor(latest: ReadonlyMap<string, Version>, uses: ReadonlyMap<string, Uses>) {
    this.#latest = latest;
    this.#uses = uses;
    const bearers = new Map<string, string[]>();
    for (const [id, { service = '' }] of uses) {
      const own = serviceOf(service);
      if (own === undefined) continue;
      const known = bearers.get(own);
      if (known === undefined) bearers.set(own, [id]);
      else known.push(id);
    }
    // Who only points to the service names it as well.
    const isHost = (service: string, id: string) =>
      !uses.get(id)?.names.some((name) => isAddress(name) && serviceOf(name) === service);
    const byService = new Map<string, readonly string[]>();
    for (const [service, ids] of bearers) {
      const hosts = ids.filter((id) => isHost(service, id));
      byService.set(service, hosts.length > 0 ? hosts : ids);
    }
    this.#byService = byService;
  }

  /** Reads what those of the items name of which it is not known. @param latest of one commit */
  static async read(archive: Archive, latest: ReadonlyMap<string, Version>): Promise<UseGraph> {
    const there = [...latest].flatMap(([id, { after }]) => (after === undefined ? [] : [{ id, state: after }]));
    const uses = new Map<string, Uses>();
    for (const { id, state } of there) if (state.uses !== undefined) uses.set(id, state.uses);
    for await (const group of chunks(
      there.filter(({ id }) => !uses.has(id)),
      atOnce,
    )) {
      const read = await Promise.all(group.map(({ state }) => readUses(archive, state)));
      for (const [n, each] of read.entries()) uses.set(group[n]?.id ?? '', each);
    }
    return new UseGraph(latest, uses);
  }

  /**
   * What an item uses: items of the archive, also deleted ones, then what the archive does not know.
   * @param surely which of the ids that the archive does not know are an item's
   */
  uses(id: string, surely: ReadonlySet<string>): Use[] {
    const { names } = this.#uses.get(id) ?? { names: [] };
    const foreign = names.filter((name) => this.#itemsBy(name, id).length === 0);
    return [
      ...this.#itemsOf(id).map((other) => this.#use(other)),
      ...foreign.filter((name) => surely.has(name)).map((itemId) => ({ ...nobody, itemId })),
      ...foreign.filter((name) => isAddress(name)).map((url) => ({ ...nobody, url })),
    ].filter(({ url }) => url === null || !this.#isOwn(id, url));
  }

  /** Ids that an item names and the archive does not know; most are none of an item. */
  unknown(id: string): string[] {
    return (this.#uses.get(id)?.names ?? []).filter((name) => !isAddress(name) && !this.#latest.has(name));
  }

  /** What uses an item, and what uses that, nearest first. */
  usedBy(id: string): User[] {
    const callers = new Map<string, string[]>();
    for (const other of this.#uses.keys())
      for (const used of this.#itemsOf(other)) {
        const known = callers.get(used);
        if (known === undefined) callers.set(used, [other]);
        else known.push(other);
      }
    const users = new Map<string, number>([[id, 0]]);
    for (const [used, depth] of users)
      for (const user of callers.get(used) ?? []) if (!users.has(user)) users.set(user, depth + 1);
    users.delete(id);
    return [...users].map(([user, depth]) => ({ ...this.#use(user), depth }));
  }

  /** The items that are there and name one of these, with the names as they have them. @param isMeant told an id, or an address of a service */
  namersOf(isMeant: (name: string) => boolean): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [id, { names }] of this.#uses) {
      const meant = this.#latest.get(id)?.after === undefined ? [] : names.filter(isMeant);
      if (meant.length > 0) found.set(id, meant);
    }
    return found;
  }

  #itemsOf(id: string): string[] {
    const { names } = this.#uses.get(id) ?? { names: [] };
    return [...new Set(names.flatMap((name) => this.#itemsBy(name, id)))].sort();
  }

  #itemsBy(name: string, user: string): readonly string[] {
    if (!isAddress(name)) return this.#latest.has(name) ? [name] : [];
    return (this.#byService.get(serviceOf(name) ?? '') ?? []).filter((other) => other !== user);
  }

  #isOwn(id: string, address: string): boolean {
    return serviceOf(address) === serviceOf(this.#uses.get(id)?.service ?? '');
  }

  #use(id: string): Use {
    const version = this.#latest.get(id);
    if (version === undefined) return { ...nobody, itemId: id };
    const { title, owner, type } = stateOf(version);
    return { itemId: id, title, owner, type, url: null };
  }
}

const isAddress = (name: string) => name.includes('/');

const nobody: Use = { itemId: null, title: null, owner: null, type: null, url: null };
