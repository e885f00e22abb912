import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import { ObjectReader } from '../../git/object-reader.ts';
import { withBlocks } from '../../git/pack/pack-blocks.ts';
import { Packs } from '../../git/pack/packs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { sentenceOf } from './answer-fetch.ts';
import { CommitGraph } from './commit-graph.ts';
import { readMessage, type GitRequest } from './message.ts';
import type { Repository } from './plan.ts';
import { packet, type Packet } from './pkt-line.ts';
import { readRefs } from './refs.ts';
import { Refusal } from './refusal.ts';
import { advertiseZero, fetchZero, readOld } from './version-zero.ts';
import { advertiseTwo, fetchTwo, listRefs, readCommand, readFetch } from './version-two.ts';

/** An answer of git over HTTP. */
export interface GitAnswer {
  status: number;
  type: string;
  body: AsyncIterable<Uint8Array>;
}

/** Who asks in which words. */
export interface Protocol {
  /** header Git-Protocol, `version=2` */
  protocol: string | null;
  /** hears of what went wrong with the archive */
  failed: (error: unknown) => void;
}

const agent = 'ago-backup';

/** The archive as a repository that stock git clones over HTTP, for reading only. */
export type GitServer = ReturnType<typeof serveGit>;

/** Serves the repository of a store. What it knows of packs and commits it keeps, for the next request. */
export function serveGit(store: BlobStore, clock: Pick<Clock, 'sleep'>) {
  const held = withBlocks(store);
  const packs = new Packs(held);
  const reader = new ObjectReader(held, packs);
  const graph = new CommitGraph(reader);
  const openNow = async (): Promise<Repository> => {
    packs.refresh();
    const table = await packs.table();
    return { reader, table, graph, refs: await readRefs(store, reader) };
  };
  async function* advertised(isTwo: boolean): AsyncGenerator<Uint8Array> {
    yield* isTwo ? advertiseTwo(agent) : advertiseZero((await openNow()).refs, agent);
  }
  async function* two(message: readonly Packet[], failed: Protocol['failed']): AsyncGenerator<Uint8Array> {
    const asked = readCommand(message);
    if (asked === undefined) return;
    const repository = await openNow();
    if (asked.name === 'ls-refs') yield* listRefs(repository.refs, asked.lines);
    else if (asked.name === 'fetch')
      yield* fetchTwo({ store, clock, repository, request: readFetch(asked.lines), failed });
    else throw new Refusal(`The archive does not know the command '${asked.name.slice(0, 60)}'.`);
  }
  async function* zero(message: readonly Packet[], failed: Protocol['failed']): AsyncGenerator<Uint8Array> {
    const asked = readOld(message);
    if (asked === undefined) return;
    yield* fetchZero({ store, clock, repository: await openNow(), request: asked.request, failed }, asked);
  }
  async function* result(request: GitRequest, { protocol, failed }: Protocol): AsyncGenerator<Uint8Array> {
    const message = await readMessage(request);
    yield* isTwo(protocol) ? two(message, failed) : zero(message, failed);
  }
  return {
    /** GET info/refs: what there is. */
    advertise: ({ protocol, failed }: Protocol): Promise<GitAnswer> =>
      answer('advertisement', failed, advertised(isTwo(protocol))),
    /** POST git-upload-pack: a clone or a fetch. */
    uploadPack: (request: GitRequest, protocol: Protocol): Promise<GitAnswer> =>
      answer('result', protocol.failed, result(request, protocol)),
  };
}

/** Version 1 is version 0 with one more packet; who asks for it understands 0 as well. */
function isTwo(protocol: string | null): boolean {
  return (protocol ?? '').split(':').includes('version=2');
}

/** What goes wrong before the first byte has a status of its own, or is told in git's own words. */
async function answer(
  kind: 'advertisement' | 'result',
  failed: (error: unknown) => void,
  body: AsyncGenerator<Uint8Array>,
): Promise<GitAnswer> {
  const type = `application/x-git-upload-pack-${kind}`;
  try {
    const first = await body.next();
    return { status: 200, type, body: first.done === true ? bytes() : following(first.value, body) };
  } catch (error) {
    if (error instanceof Refusal && error.status !== 200)
      return { status: error.status, type: 'text/plain; charset=utf-8', body: bytes(`${error.message}\n`) };
    if (!(error instanceof Refusal)) failed(error);
    if (!(error instanceof Refusal || error instanceof BackupError)) throw error;
    return { status: 200, type, body: bytes(packet(`ERR ${sentenceOf(error)}\n`)) };
  }
}

async function* following(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* bytes(...pieces: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(typeof piece === 'string' ? Buffer.from(piece) : piece);
}
