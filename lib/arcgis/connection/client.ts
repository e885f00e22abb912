import type { IRequestOptions } from '@esri/arcgis-rest-request';
import type { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { didSay, isBadToken, PortalError } from './portal-error.ts';
import type { Session } from './session.ts';
import type { Call, Wire } from './wire.ts';

/** A call below the REST API of the portal: `path` begins with a slash; its variable parts are encoded. */
export interface PortalCall extends Omit<Call, 'url' | 'token'> {
  path: string;
}

/** Requests to the portal as the account of the backup. A token that dies on the way is renewed once. */
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

  /** Runs a call with the token; when the portal takes it for invalid, once more with a new one. */
  async signed<T>(call: (token: string) => Promise<T>): Promise<T> {
    const token = await this.session.token();
    try {
      return await call(token);
    } catch (error) {
      if (!didSay(error, isBadToken)) throw error;
      await this.session.forget(token);
      return call(await this.session.token());
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
