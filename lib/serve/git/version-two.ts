import { answerPack, commonOf, isEnough, planOf, shallowLines, type Asked } from './answer-fetch.ts';
import { emptyRequest, lineOf, readLine, type FetchRequest } from './fetch-request.ts';
import { mark, mostBytes, packet, type Packet } from './pkt-line.ts';
import { headOf, type Ref } from './refs.ts';
import { branch } from '../../git/layout.ts';
import { Refusal } from './refusal.ts';

/** Protocol version 2. https://git-scm.com/docs/protocol-v2 */

/** What a client is told first. */
export function* advertiseTwo(agent: string): Generator<Buffer> {
  yield packet('version 2\n');
  yield packet(`agent=${agent}\n`);
  yield packet('ls-refs=unborn\n');
  yield packet('fetch=shallow wait-for-done filter\n');
  yield packet('server-option\n');
  yield packet('object-format=sha1\n');
  yield mark('flush');
}

/** A command and the lines of its arguments. */
export interface Command {
  name: string;
  lines: string[];
}

/** Reads a request; undefined for an empty one, with which git tries its way. Throws Refusal. */
export function readCommand(packets: readonly Packet[]): Command | undefined {
  if (packets.every((each) => each === 'flush')) return undefined;
  const delim = packets.indexOf('delim');
  const head = linesOf(delim < 0 ? packets : packets.slice(0, delim));
  const name = head.find((line) => line.startsWith('command='))?.slice('command='.length);
  if (name === undefined) throw new Refusal('The request names no command.', 400);
  const format = head.find((line) => line.startsWith('object-format='));
  if (format !== undefined && format !== 'object-format=sha1')
    throw new Refusal('The archive knows ids by SHA-1 only.');
  const lines = delim < 0 ? [] : linesOf(packets.slice(delim));
  return { name, lines };
}

function linesOf(packets: readonly Packet[]): string[] {
  return packets.flatMap((each) => lineOf(each) ?? []);
}

/** The names that a client asks for. */
export function* listRefs(refs: readonly Ref[], lines: readonly string[]): Generator<Buffer> {
  const prefixes = lines
    .filter((line) => line.startsWith('ref-prefix '))
    .map((line) => line.slice('ref-prefix '.length));
  const isAsked = (name: string) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
  const [symrefs, peel, unborn] = ['symrefs', 'peel', 'unborn'].map((word) => lines.includes(word));
  const head = headOf(refs);
  const target = symrefs ? ` symref-target:${branch}` : '';
  if (isAsked('HEAD') && head !== undefined) yield packet(`${head.oid} HEAD${target}\n`);
  if (isAsked('HEAD') && head === undefined && unborn) yield packet(`unborn HEAD${target}\n`);
  for (const { name, oid, peeled } of refs)
    if (isAsked(name)) yield packet(`${oid} ${name}${peel && peeled !== undefined ? ` peeled:${peeled}` : ''}\n`);
  yield mark('flush');
}

/** Reads the arguments of `fetch`. Throws Refusal. */
export function readFetch(lines: readonly string[]): FetchRequest {
  const request: FetchRequest = { ...emptyRequest(), sideBand: mostBytes + 4 };
  for (const line of lines) {
    if (readLine(request, line)) continue;
    if (line === 'no-progress') request.progress = false;
    else if (line === 'include-tag') request.includeTag = true;
    else if (line === 'wait-for-done') request.waitForDone = true;
    // We never send what builds on what the client has, so these change nothing.
    else if (line !== 'thin-pack' && line !== 'ofs-delta')
      throw new Refusal(`The archive does not know '${line.slice(0, 60)}' in a fetch.`);
  }
  return request;
}

/** The answer to a `fetch`. Throws Refusal and STORE_DAMAGED before anything of the pack. */
export async function* fetchTwo(asked: Asked): AsyncGenerator<Uint8Array> {
  const { repository, request } = asked;
  const { wants, boundary } = await planOf(asked);
  const common = await commonOf(repository, request.haves);
  if (!request.done) {
    const isReady = !request.waitForDone && (await isEnough(repository, wants, common));
    yield packet('acknowledgments\n');
    for (const oid of common) yield packet(`ACK ${oid}\n`);
    if (common.length === 0) yield packet('NAK\n');
    if (!isReady) return void (yield mark('flush'));
    yield packet('ready\n');
    yield mark('delim');
  }
  if (boundary !== undefined) {
    yield packet('shallow-info\n');
    for (const line of shallowLines(boundary)) yield line;
    yield mark('delim');
  }
  yield packet('packfile\n');
  yield* answerPack(asked, { wants, common, boundary });
}
