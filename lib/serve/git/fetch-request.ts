import { everything, readFilter, type Filter } from './filter.ts';
import type { Packet } from './pkt-line.ts';
import { Refusal } from './refusal.ts';

/** How far back a shallow clone goes; undefined parts say nothing. */
export interface Deepen {
  /** commits from the tips, or with `relative` from where the client's history ends */
  depth?: number;
  relative?: boolean;
  /** epoch s: nothing older */
  since?: number;
  /** refs: nothing that they lead to */
  not: string[];
}

/** What a client wants, in either version of the protocol. */
export interface FetchRequest {
  wants: string[];
  haves: string[];
  /** it says no more of what it has */
  done: boolean;
  /** commits whose parents it does not have */
  shallow: string[];
  deepen: Deepen;
  filter: Filter;
  /** it shows how far we are */
  progress: boolean;
  /** bytes of a packet on the side band; none = the pack comes bare */
  sideBand: number | undefined;
  includeTag: boolean;
  /** it waits until it has said all it has */
  waitForDone: boolean;
}

/** A request of which nothing has been read. */
export function emptyRequest(): FetchRequest {
  return {
    wants: [],
    haves: [],
    done: false,
    shallow: [],
    deepen: { not: [] },
    filter: everything,
    progress: true,
    sideBand: undefined,
    includeTag: false,
    waitForDone: false,
  };
}

/** Does the client ask for another depth? */
export function isDeepening({ deepen: { depth, since, not } }: FetchRequest): boolean {
  return depth !== undefined || since !== undefined || not.length > 0;
}

/** One line of those that both versions have in common; false when it is none of them. Throws Refusal. */
export function readLine(request: FetchRequest, line: string): boolean {
  const space = line.indexOf(' ');
  const [word, value] = space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
  if (word === 'want') request.wants.push(oid(value));
  else if (word === 'have') request.haves.push(oid(value));
  else if (word === 'shallow') request.shallow.push(oid(value));
  else if (word === 'done') request.done = true;
  else if (word === 'deepen') request.deepen.depth = count(value);
  else if (word === 'deepen-since') request.deepen.since = count(value);
  else if (word === 'deepen-not') request.deepen.not.push(value);
  else if (word === 'deepen-relative') request.deepen.relative = true;
  else if (word === 'filter') request.filter = readFilter(value);
  else return false;
  return true;
}

/** The text of a packet, without its line end; undefined for a mark. */
export function lineOf(packet: Packet): string | undefined {
  return typeof packet === 'string' ? undefined : packet.toString().replace(/\n$/, '');
}

function oid(text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new Refusal(`'${text.slice(0, 60)}' is no id of an object.`, 400);
}

function count(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal(`'${text.slice(0, 60)}' is no number.`, 400);
}
