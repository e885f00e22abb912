import { branch } from '../../git/layout.ts';
import { answerPack, commonOf, isEnough, planOf, shallowLines, type Asked } from './answer-fetch.ts';
import { emptyRequest, lineOf, readLine, type FetchRequest } from './fetch-request.ts';
import { mark, mostBytes, packet, type Packet } from './pkt-line.ts';
import { headOf, type Ref } from './refs.ts';
import { Refusal } from './refusal.ts';

/** The protocol before version 2, over HTTP. https://git-scm.com/docs/pack-protocol, https://git-scm.com/docs/gitprotocol-http */

const abilities = [
  'multi_ack',
  'multi_ack_detailed',
  'side-band',
  'side-band-64k',
  'ofs-delta',
  'shallow',
  'deepen-since',
  'deepen-not',
  'deepen-relative',
  'no-progress',
  'include-tag',
  'allow-tip-sha1-in-want',
  'allow-reachable-sha1-in-want',
  'filter',
  'object-format=sha1',
];

/** What a client is told first: all names, HEAD before them, and what we are able to do. */
export function* advertiseZero(refs: readonly Ref[], agent: string): Generator<Buffer> {
  const head = headOf(refs);
  const lines = refs.flatMap(({ name, oid, peeled }) => [
    `${oid} ${name}`,
    ...(peeled === undefined ? [] : [`${peeled} ${name}^{}`]),
  ]);
  if (head !== undefined) lines.unshift(`${head.oid} HEAD`);
  const all = [...abilities, ...(head === undefined ? [] : [`symref=HEAD:${branch}`]), `agent=${agent}`].join(' ');
  yield packet('# service=git-upload-pack\n');
  yield mark('flush');
  const [first = `${'0'.repeat(40)} capabilities^{}`, ...others] = lines;
  yield packet(`${first}\0${all}\n`);
  for (const line of others) yield packet(`${line}\n`);
  yield mark('flush');
}

/** How the client wants to hear of what both have. */
type Acks = 'one' | 'all' | 'detailed';

/** A request in this version. */
export interface OldRequest {
  request: FetchRequest;
  acks: Acks;
  /** what the client has, in the portions in which it says so: each is answered */
  rounds: string[][];
}

/** Reads a request; undefined for an empty one, with which git tries its way. Throws Refusal. */
export function readOld(packets: readonly Packet[]): OldRequest | undefined {
  if (packets.every((each) => each === 'flush')) return undefined;
  const request = emptyRequest();
  let acks: Acks = 'one';
  const rounds: string[][] = [];
  let saidBefore = 0;
  for (const [n, each] of packets.entries()) {
    const line = lineOf(each);
    if (line === undefined) {
      if (request.haves.length > saidBefore || rounds.length > 0) rounds.push(request.haves.slice(saidBefore));
      saidBefore = request.haves.length;
      continue;
    }
    const [, want = '', words = ''] = n === 0 ? (/^(want [0-9a-f]{40}) ?(.*)$/.exec(line) ?? []) : [];
    if (want !== '') acks = readAbilities(request, words.split(' '));
    if (!readLine(request, want === '' ? line : want))
      throw new Refusal('The request is not in the language of git.', 400);
  }
  const rest = request.haves.slice(saidBefore);
  if (rest.length > 0) rounds.push(rest);
  return { request, acks, rounds };
}

function readAbilities(request: FetchRequest, words: readonly string[]): Acks {
  if (words.includes('side-band-64k')) request.sideBand = mostBytes + 4;
  else if (words.includes('side-band')) request.sideBand = 1000;
  request.progress = !words.includes('no-progress');
  request.includeTag = words.includes('include-tag');
  request.deepen.relative = words.includes('deepen-relative');
  if (words.includes('multi_ack_detailed')) return 'detailed';
  return words.includes('multi_ack') ? 'all' : 'one';
}

/** The answer to a request. Throws Refusal and STORE_DAMAGED before anything of the pack. */
export async function* fetchZero(asked: Asked, { acks, rounds }: OldRequest): AsyncGenerator<Uint8Array> {
  const { repository, request } = asked;
  const { wants, boundary } = await planOf(asked);
  const common = await commonOf(repository, request.haves);
  const shared = new Set(common);
  if (boundary !== undefined) {
    for (const line of shallowLines(boundary)) yield line;
    yield mark('flush');
  }
  // The first of the two requests of a shallow clone asks for nothing more.
  if (!request.done && rounds.length === 0 && boundary !== undefined) return;
  const isReady = common.length > 0 && (await isEnough(repository, wants, common));
  let last: string | undefined;
  for (const [n, round] of rounds.entries()) {
    const found = round.filter((oid) => shared.has(oid));
    if (acks !== 'one') for (const oid of found) yield packet(`ACK ${oid} ${acks === 'all' ? 'continue' : 'common'}\n`);
    else if (last === undefined && found[0] !== undefined) yield packet(`ACK ${found[0]}\n`);
    last = found.at(-1) ?? last;
    const isLast = n === rounds.length - 1;
    if (isLast && request.done) break;
    if (isLast && isReady && acks === 'detailed') yield packet(`ACK ${last ?? common[0] ?? ''} ready\n`);
    if (acks !== 'one' || last === undefined) yield packet('NAK\n');
  }
  if (!request.done) return;
  if (last === undefined) yield packet('NAK\n');
  else if (acks !== 'one') yield packet(`ACK ${last}\n`);
  yield* answerPack(asked, { wants, common, boundary });
}
