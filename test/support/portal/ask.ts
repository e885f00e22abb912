import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answers.ts';
import type { Form } from './body.ts';
import type { Caller } from './tokens.ts';
import type { State } from './state.ts';

/** Which of the four faces of the simulated portal is asked. */
export type Host = 'portal' | 'server' | 'storage' | 'foreign';

/** A request, understood. */
export interface Ask {
  method: string;
  host: Host;
  /** without query */
  path: string;
  headers: IncomingHttpHeaders;
  /** query and form body together */
  params: ReadonlyMap<string, string>;
  /** what stands in the address alone */
  query: ReadonlyMap<string, string>;
  body: Form;
  caller: Caller;
  /** credentials that it carries to a host which they are not for: their places, never their values */
  leaked: string[];
  state: State;
}

/** How one address answers; `parts` are the captures of its pattern, decoded. */
export interface Route {
  pattern: RegExp;
  /** default read */
  kind?: 'read' | 'write';
  answer: (ask: Ask, ...parts: string[]) => Answer | Promise<Answer>;
}
