import { oneLine } from '../../backup/words.ts';
import type { Clock } from '../../clock.ts';
import { Outage } from './outage.ts';
import { PortalError } from './portal-error.ts';

/** What the outages of a portal and its servers are made of. */
export interface OutagesParts {
  /** root of the portal */
  portal: URL;
  clock: Clock;
  /** Does anybody answer at this address? */
  isUp: (url: string) => Promise<boolean>;
  /** ms for which the portal is waited for; 0 = not at all */
  bound: number;
}

/** ms; of one server among several, which costs its items only. A portal that is down as well is waited for longer. */
const longestOfServer = 5 * 60_000;

/** The outages of a portal and of the servers that its services lie on, one for each. */
export class Outages {
  readonly #parts: OutagesParts;
  readonly #root: string;
  readonly #known = new Map<string, Outage>();

  constructor(parts: OutagesParts) {
    this.#parts = parts;
    this.#root = parts.portal.href.replace(/\/$/, '');
  }

  /** Of the portal's own API, or of the server that a service lies on. Undefined of an address that is neither. */
  of(url: string): Outage | undefined {
    const isPortal = url.startsWith(`${this.#root}/sharing/rest`);
    const base = isPortal ? this.#root : /^(.+?)\/rest\/services\//i.exec(url)?.[1];
    if (this.#parts.bound === 0 || base === undefined) return undefined;
    return base === this.#root ? this.#portal() : this.#keep(base, () => this.#server(base));
  }

  #keep(base: string, make: () => Outage): Outage {
    const outage = this.#known.get(base) ?? make();
    this.#known.set(base, outage);
    return outage;
  }

  /** Asked at https://developers.arcgis.com/rest/users-groups-and-items/root/ */
  #portal(): Outage {
    const { portal, clock, isUp, bound } = this.#parts;
    const error = (minutes: number) =>
      new PortalError('PORTAL_DOWN', `The portal ${portal.host} has given no answer for ${minutes} minutes.`, {
        tried: true,
      });
    const make = () => new Outage({ clock, isUp: () => isUp(`${this.#root}/sharing/rest`), bound, error });
    return this.#keep(this.#root, make);
  }

  /** Asked at https://developers.arcgis.com/rest/services-reference/enterprise/server-info/ */
  #server(base: string): Outage {
    const { clock, isUp, bound } = this.#parts;
    const error = (minutes: number) => {
      const message = `The server ${oneLine(new URL(base).host)} has given no answer for ${minutes} minutes, and is not asked for now.`;
      return new PortalError('PORTAL_UNREACHABLE', message, { retryable: true, tried: true });
    };
    const parts = { clock, isUp: () => isUp(`${base}/rest/info`), bound: Math.min(bound, longestOfServer), error };
    return new Outage({ ...parts, portal: this.#portal() });
  }
}
