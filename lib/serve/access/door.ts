import type { Clock } from '../../clock.ts';
import { slowGuesses } from './guesses.ts';
import { roleOfKey, type Keys, type Role } from './keys.ts';
import { isFromOwnPage } from './same-site.ts';
import { isToken, readSession, signIn, type Session } from './session.ts';

/** The headers of a request that say who comes, and from where. */
export interface Comer {
  cookie: string | null;
  fetchSite: string | null;
  origin: string | null;
  /** whom App Service Authentication vouches for; where it is not on, anybody may have written this */
  principal: string | null;
}

/** Who may come in by the page. */
export interface Door {
  /** `closed`: no key is set, so nothing is there; undefined: nobody who has signed in */
  session: (comer: Comer) => Promise<Session | 'closed' | undefined>;
  /** Does what the comer sends come from the session's own page? */
  isOwn: (session: Session, comer: Comer, token: string) => boolean;
  /** Set-Cookie for who brings a key; for a wrong one the status that it is answered with, after a while. */
  enter: (comer: Comer, key: string) => Promise<{ cookie: string; role: Role } | 401 | 429>;
  /** false where nobody signs in */
  hasKeys: boolean;
  /** Do people sign in with Microsoft Entra as well? */
  hasMicrosoft?: boolean;
}

/** What a door with keys is made of. */
export interface DoorParts {
  keys: () => Promise<Keys>;
  /** https://name, as configured, never as a request says it; undefined where only what a browser says of itself counts */
  origin: string | undefined;
  clock: Pick<Clock, 'now' | 'sleep'>;
  /** hexadecimal */
  random: () => string;
}

/** The door of a server that others reach: keys open it. */
export function keyDoor({ keys, origin, clock, random }: DoorParts): Door {
  const from = ({ fetchSite, origin: said }: Comer) =>
    isFromOwnPage(
      { ...(fetchSite !== null && { fetchSite }), ...(said !== null && { origin: said }) },
      origin ?? 'none',
    );
  const slow = slowGuesses(clock);
  return {
    hasKeys: true,
    session: async ({ cookie }) => {
      const all = await keys();
      if (all.reader === undefined && all.operator === undefined) return 'closed';
      return readSession(all, cookie ?? undefined, clock.now());
    },
    isOwn: (session, comer, token) => from(comer) && isToken(session, token),
    enter: async (comer, key) => {
      const all = await keys();
      const role = from(comer) ? roleOfKey(all, key) : 'none';
      if (role !== 'none') return { role, cookie: signIn(all, role, clock.now(), random()) };
      return slow();
    },
  };
}

/**
 * The door of a laptop's loopback host, which no other machine reaches: whoever asks may look. What changes something needs the
 * token of its own page, which no other web site can read.
 */
export function openDoor(random: () => string, role: Session['role'] = 'operator'): Door {
  const session: Session = { role, csrf: random() };
  return {
    hasKeys: false,
    session: () => Promise.resolve(session),
    isOwn: (_session, { fetchSite }, token) =>
      (fetchSite ?? 'same-origin') === 'same-origin' && isToken(session, token),
    enter: () => Promise.resolve(401),
  };
}
