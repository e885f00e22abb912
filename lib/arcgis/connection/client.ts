import type { IRequestOptions } from '@esri/arcgis-rest-request';
import type { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { isStranger, PortalError } from './portal-error.ts';
import type { Session } from './session.ts';
import type { Call } from './call.ts';
import type { Wire } from './wire.ts';

/** A call below the REST API of the portal: `path` begins with a slash; its variable parts are encoded. */
export interface PortalCall extends Omit<Call, 'url' | 'token'> {
  path: string;
}

/** ms apart: at once, 4, 8 seconds */
const mostTries = 4;

/** The portal knows us, and answers this one request as if it did not. */
function notTrusted({ message, said, status }: PortalError): PortalError {
  const more = { ...(said && { said }), ...(status !== undefined && { status }) };
  return new PortalError('PORTAL_ERROR', message, more);
}

/** Requests to the portal as the account of the backup. A token that dies on the way is renewed. */
export class Client {
  /** …/sharing/rest */
  readonly root: string;
  readonly wire: Wire;
  readonly session: Session;
  readonly clock: Clock;

  constructor(root: string, wire: Wire, session: Session, clock: Clock) {
    this.root = root;
    this.wire = wire;
    this.session = session;
    this.clock = clock;
  }

  /** The answer, in the shape that `schema` asks for. Throws as `Wire.json`, and PORTAL_ANSWER when it has another shape. */
  async json<T>(schema: z.ZodType<T>, { path, ...call }: PortalCall): Promise<T> {
    const url = `${this.root}${path}`;
    return shaped(schema, await this.ask({ ...call, url }), call.what);
  }

  /** The JSON of an answer, asked for with the token. Throws as `Wire.json`. */
  ask(call: Omit<Call, 'token'>): Promise<unknown> {
    return this.signed((token) => this.wire.json({ ...call, token }));
  }

  /**
   * Runs a call with the token. When the answer takes the token for invalid, the portal is asked: what it does not know any more
   * is renewed; while it knows us, who answered so is asked again, for a server may hear of a token later than the portal.
   * Throws what ends the run when the portal does not know us any more, PORTAL_ERROR when only this request is refused so.
   */
  async signed<T>(call: (token: string) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const token = await this.session.token();
      try {
        return await call(token);
      } catch (error) {
        if (!(error instanceof PortalError) || error.tried || !isStranger(error)) throw error;
        await this.session.prove();
        if (tries >= mostTries) throw notTrusted(error);
        if (tries > 1) await this.clock.sleep(1000 * 2 ** tries);
      }
    }
  }

  /**
   * Options that let functions of `@esri/arcgis-rest-portal` say what is asked while it is asked our way: their own
   * `request` follows redirects with the token and swallows failures of the sign-in (arcgis-rest.md 9.2).
   */
  options(what: string) {
    const request = (url: string, { params = {}, httpMethod = 'POST' }: IRequestOptions): Promise<unknown> =>
      this.ask({ url, method: httpMethod, params: params, what });
    return { portal: this.root, request };
  }
}

/** A value in the shape that was asked for. Throws PORTAL_ANSWER. */
export function shaped<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const where = found.error.issues[0]?.path.join('.') ?? '';
  throw new PortalError(
    'PORTAL_ANSWER',
    `${what}: the portal's answer is not as its documentation says${where && ` (${where})`}.`,
  );
}
