import type { ServerResponse } from 'node:http';
import { errors, failure, json, page, type Answer, type ErrorBody } from './answers.ts';
import type { Host } from './ask.ts';
import { contentOf } from './content.ts';
import { seeded } from '../random.ts';

/** A request as a fault sees it. */
export interface Seen {
  method: string;
  host: Host;
  path: string;
  query: Record<string, string>;
  /** username or null */
  who: string | null;
  /** would it change something in the portal? */
  kind: 'read' | 'write';
}

/** Pattern for `METHOD path`, or a predicate. */
export type Match = RegExp | ((seen: Seen) => boolean);

/** What goes wrong. */
export type FaultAnswer =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** an HTML page with status 200, as a sign-in wall gives it */
  | 'html'
  /** the connection breaks before any answer */
  | 'reset'
  /** what was asked for happens, and the connection breaks before the answer */
  | 'lost'
  /** this answer, and nothing happens */
  | { says: object }
  /** so many bytes of the true answer under the true Content-Length, then the connection breaks */
  | { cutAfter: number }
  /** the error in HTTP 200; `type` e.g. text/plain */
  | { error: ErrorBody; type?: string }
  /** too many requests inside HTTP 200, the seconds to wait only in the text */
  | '429-in-200'
  | { busy: number; in200: boolean }
  /** HTTP 429 with Retry-After: 60 */
  | '429'
  /** never answered */
  | 'hang'
  /** the true answer, so many ms later by the portal's clock */
  | { delay: number }
  /** 498 in HTTP 200 */
  | 'expiredToken'
  | { redirect: string }
  /** the first half of the true answer, as if it were all of it */
  | 'half'
  /** the true answer in four pieces, each so many ms after the one before by the portal's clock */
  | { drip: number }
  /** the true JSON answer, changed */
  | { edit: (value: Record<string, unknown>) => unknown }
  /** takes the connection over: streams without end, packed bodies, interim answers */
  | { raw: (response: ServerResponse) => void }
  /** something happens in the portal right after the true answer was made */
  | { after: () => void };

/** A fault as a test switches it on. */
export interface Fault {
  /** default: every request */
  match?: Match;
  /** how many requests it strikes; default 1, Infinity until removed */
  times?: number;
  /** matching requests that pass first; default 0 */
  skip?: number;
  /** chance of each matching request, 0 to 1; default 1 */
  rate?: number;
  /** of chance; default 1 */
  seed?: number;
  answer: FaultAnswer;
}

interface Armed {
  fault: Fault;
  left: number;
  skip: number;
  hits: number;
  random: () => number;
}

/** A switched-on fault. */
export interface FaultHandle {
  /** how often it struck */
  readonly hits: number;
  remove(): void;
}

/** The faults that are switched on; the first that matches strikes. */
export class Faults {
  /** how often any of them struck */
  hits = 0;
  #armed: Armed[] = [];

  add(fault: Fault): FaultHandle {
    const armed: Armed = {
      fault,
      left: fault.times ?? 1,
      skip: fault.skip ?? 0,
      hits: 0,
      random: seeded(fault.seed ?? 1),
    };
    this.#armed.push(armed);
    const remove = () => void (this.#armed = this.#armed.filter((one) => one !== armed));
    return {
      get hits() {
        return armed.hits;
      },
      remove,
    };
  }

  /** Switches all off. */
  clear(): void {
    this.#armed = [];
  }

  /** What strikes this request, if anything. Counts. */
  strike(seen: Seen): FaultAnswer | undefined {
    for (const armed of this.#armed) {
      if (armed.left <= 0 || !matches(armed.fault.match, seen)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      if (armed.fault.rate !== undefined && armed.random() >= armed.fault.rate) continue;
      armed.left -= 1;
      armed.hits += 1;
      this.hits += 1;
      return armed.fault.answer;
    }
    return undefined;
  }
}

function matches(match: Match | undefined, seen: Seen): boolean {
  if (match === undefined) return true;
  return match instanceof RegExp ? match.test(`${seen.method} ${seen.path}`) : match(seen);
}

/** Too many requests: as HTTP 429 with Retry-After, or the JSON of a hosted service in HTTP 200 (arcgis-rest.md 1.1). */
function busy(seconds: number, in200: boolean): Answer {
  const text = `API calls quota exceeded (24001)! maximum allowed (24000) per Minute. Retry after ${seconds} sec.`;
  const answer = failure({ code: 429, message: 'Unable to perform query. Too many requests.', details: [text] });
  if (in200) return answer;
  return { ...answer, status: 429, headers: { ...answer.headers, 'Retry-After': String(seconds) } };
}

/** The answer of a fault that takes the place of the true one; undefined when the true one is needed. */
export function insteadOf(fault: FaultAnswer): Answer | undefined {
  if (fault === 'html') return page(200, 'Sign in to continue');
  if (fault === '429' || fault === '429-in-200') return busy(60, fault === '429-in-200');
  if (fault === 'expiredToken') return errors.invalidToken();
  if (typeof fault === 'string') return undefined;
  if ('busy' in fault) return busy(fault.busy, fault.in200);
  if ('says' in fault) return json(fault.says);
  if ('error' in fault) return failure(fault.error, fault.type);
  if ('redirect' in fault) return { status: 302, headers: { Location: fault.redirect }, body: contentOf('') };
  if ('status' in fault) {
    const headers = { 'Content-Type': 'text/html;charset=UTF-8', ...fault.headers };
    return { status: fault.status, headers, body: contentOf(fault.body ?? `<html>HTTP ${fault.status}</html>`) };
  }
  return undefined;
}
