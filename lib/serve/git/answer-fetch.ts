import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { Collector, type Collected } from './collect.ts';
import { isDeepening, type FetchRequest } from './fetch-request.ts';
import { keptAlive } from './keep-alive.ts';
import { mark, packet } from './pkt-line.ts';
import { collect, planDepth, sortWants, type Found, type Repository, type Wants } from './plan.ts';
import { Refusal } from './refusal.ts';
import { sendPack } from './send-pack.ts';
import { nothing, onSideBand, say } from './side-band.ts';
import type { Boundary } from './shallow.ts';

/** One request for a pack, and what it is answered from. */
export interface Asked {
  store: BlobStore;
  clock: Pick<Clock, 'sleep'>;
  repository: Repository;
  request: FetchRequest;
  /** hears of damage; the client is told in a sentence */
  failed: (error: unknown) => void;
}

/** Which of the client's commits are here. Throws STORE_DAMAGED. */
export async function commonOf({ graph, table }: Repository, haves: readonly string[]): Promise<string[]> {
  const common: string[] = [];
  for (const oid of new Set(haves)) {
    // Most of what is not here is in no index either.
    if (table.find(Buffer.from(oid, 'hex')) === undefined && haves.length > 256) continue;
    if ((await graph.find(oid)) !== undefined) common.push(oid);
  }
  return common;
}

/** Does each wanted commit lead to one that both have? Then more of what the client has would change little. */
export async function isEnough({ graph }: Repository, { commits }: Wants, common: readonly string[]): Promise<boolean> {
  const shared = new Set(common);
  for (const tip of commits) {
    const seen = new Set([tip]);
    const waiting = [tip];
    for (let oid = waiting.pop(); oid !== undefined && !shared.has(oid); oid = waiting.pop()) {
      for (const parent of (await graph.find(oid))?.parents ?? []) if (!seen.has(parent)) waiting.push(parent);
      for (const parent of waiting) seen.add(parent);
      if (waiting.length === 0) return false;
    }
  }
  return shared.size > 0;
}

/** The lines that say where the client's history ends from now on. */
export function* shallowLines({ shallow, unshallow }: Boundary): Generator<Buffer> {
  for (const oid of shallow) yield packet(`shallow ${oid}`);
  for (const oid of unshallow) yield packet(`unshallow ${oid}`);
}

/** The pack, on the side band where the client knows one. */
export async function* answerPack(asked: Asked, found: Found): AsyncGenerator<Uint8Array> {
  const { repository, request, failed } = asked;
  const { sideBand } = request;
  try {
    // Without a side band nothing but the pack can be said.
    if (sideBand === undefined) yield* packOf(asked, await collect(collectorOf(asked), repository, request, found));
    else yield* banded(asked, found, sideBand);
  } catch (error) {
    failed(error);
    // ... and the only way to say that it is not whole is to break off.
    if (sideBand === undefined) throw error;
    yield say('failure', sentenceOf(error));
  }
  if (sideBand !== undefined) yield mark('flush');
}

/** While objects are counted, which may take minutes, and while the store is slow, the client hears that we are at work. */
function banded(asked: Asked, found: Found, sideBand: number): AsyncGenerator<Uint8Array> {
  const { clock, repository, request } = asked;
  const over = new AbortController();
  const collector = collectorOf(asked, over.signal);
  let isCounting = true;
  const sign = () =>
    isCounting && request.progress ? say('progress', `Counting objects: ${collector.count}`, '\r') : nothing;
  async function* body(): AsyncGenerator<Uint8Array> {
    const collected = await collect(collector, repository, request, found);
    isCounting = false;
    if (request.progress) yield say('progress', `Sending ${collector.count} objects.`);
    yield* onSideBand(packOf(asked, collected), sideBand);
  }
  return keptAlive(body(), { clock, sign, over });
}

function collectorOf({ repository: { reader, table }, request }: Asked, signal?: AbortSignal): Collector {
  return new Collector(reader, table, request.filter, signal);
}

function packOf({ store, repository: { reader, table } }: Asked, collected: Collected): AsyncGenerator<Uint8Array> {
  return sendPack({ store, reader, table }, collected);
}

/** What the person before the client is told; of what is unexpected, nothing. */
export function sentenceOf(error: unknown): string {
  const isKnown = error instanceof Refusal || error instanceof BackupError;
  return isKnown ? error.message : 'Something unexpected happened.';
}

/** What the client wants, and where its history will end. Throws Refusal, STORE_DAMAGED. */
export async function planOf({ repository, request }: Asked) {
  const wants = await sortWants(repository, request.wants);
  const boundary = isDeepening(request) ? await planDepth(repository, request, wants) : undefined;
  return { wants, boundary };
}
