import type { Clock } from '../../clock.ts';
import type { Credentials } from '../../settings/credentials.ts';
import { BackupError, endsRun } from '../../errors.ts';
import { PortalError } from './portal-error.ts';
import { asRefusal, isRefusedToken } from './refused-sign-in.ts';
import { checkPrivileges, identify, type Identity } from './identity.ts';
import { signIn, type Token } from './sign-in.ts';
import type { Wire } from './wire.ts';

interface Proven extends Token {
  identity: Identity;
}

/**
 * The token of one worker for one run: asked for explicitly, proven to be the account's before anybody gets it, and
 * asked for again when it runs out. A failure of the portal is not kept: the next call tries again. Credentials that the portal
 * refuses are not tried again, for that locks the account.
 */
export class Session {
  readonly #wire: Wire;
  readonly #root: string;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #told: (error: unknown) => unknown;
  #current: Promise<Proven> | undefined;
  /** why nobody is signed in any more in this run */
  #over: BackupError | undefined;
  #wasSignedIn = false;

  /**
   * @param root of the portal's REST API: …/sharing/rest
   * @param told what who asks hears of a failure, where the cure is another one than that of the backup's account
   */
  constructor(
    wire: Wire,
    root: string,
    credentials: Credentials,
    clock: Clock,
    told: (error: unknown) => unknown = (error) => error,
  ) {
    this.#told = told;
    this.#wire = wire;
    this.#root = root;
    this.#credentials = credentials;
    this.#clock = clock;
    // Not the password: it may be a word that members use, and no signed request holds it.
    if (credentials.kind === 'key') wire.redactor.add(credentials.apiKey.reveal());
    if (credentials.kind === 'app') wire.redactor.add(credentials.clientSecret.reveal());
  }

  /** A token that is good for a while. Throws AUTH_SIGN_IN, AUTH_ANONYMOUS, AUTH_PRIVILEGE, PORTAL_UNREACHABLE. */
  async token(): Promise<string> {
    return (await this.#asTold(() => this.#proven())).value;
  }

  /** Who is signed in. Throws as `token`. */
  async identity(): Promise<Identity> {
    return (await this.#asTold(() => this.#proven())).identity;
  }

  async #asTold<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#told(error);
    }
  }

  async #forget(token: string): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    // A sign-in that failed holds no token; who waits for it hears of that.
    const held = await current.catch(() => undefined);
    if (held?.value === token && this.#current === current) this.#current = undefined;
  }

  /**
   * Asks once more whether the portal still knows us and shows us everything: before an empty listing, or that something is
   * gone, is believed. A token that it does not know any more is renewed. Throws as `token`.
   */
  async prove(): Promise<void> {
    await this.#asTold(async () => {
      const { value } = await this.#proven();
      try {
        await this.#proof(value);
      } catch (error) {
        if (!isRefusedToken(error)) throw error;
        await this.#forget(value);
        await this.#proven();
      }
    });
  }

  async #proven(): Promise<Proven> {
    if (this.#over !== undefined) throw this.#over;
    const current = this.#current;
    const held = await current;
    if (held !== undefined && this.#clock.now() < held.expires - margin) return held;
    // Whoever comes first renews; the others wait for the same answer.
    if (this.#current === current) this.#renew();
    return this.#current ?? this.#make();
  }

  #renew(): void {
    const next = this.#make().catch((error: unknown) => {
      throw asRefusal(error, this.#credentials.kind);
    });
    this.#current = next;
    next.catch((error: unknown) => {
      if (error instanceof BackupError && endsRun(error)) this.#over = error;
      if (this.#current === next) this.#current = undefined;
    });
  }

  async #make(): Promise<Proven> {
    const token = await this.#signIn();
    this.#wire.redactor.add(token.value);
    // By a clock that is behind ours it has run out already; then it is good until the portal refuses it.
    const expires = token.expires > this.#clock.now() + margin ? token.expires : Infinity;
    return { ...token, expires, identity: await this.#firstProof(token.value) };
  }

  /** In the middle of a run it is asked for longer, for all depends on it; then the run is over. */
  async #signIn(): Promise<Token> {
    const tries = this.#wasSignedIn ? mostRenewals : undefined;
    try {
      const token = await signIn(this.#wire, this.#root, this.#credentials, this.#clock, tries);
      this.#wasSignedIn = true;
      return token;
    } catch (error) {
      if (!this.#wasSignedIn || !(error instanceof PortalError) || endsRun(error)) throw error;
      throw new PortalError('PORTAL_DOWN', `The portal gives no new token. ${error.message}`, { tried: true });
    }
  }

  /** A portal of several machines may know a token on one of them first. */
  async #firstProof(token: string): Promise<Identity> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#proof(token);
      } catch (error) {
        if (!isRefusedToken(error) || tries >= mostProofs) throw error;
        await this.#clock.sleep(1000 * 2 ** tries);
      }
    }
  }

  async #proof(token: string): Promise<Identity> {
    const identity = await identify(this.#wire, this.#root, token, this.#credentials.kind !== 'password');
    checkSame(identity, this.#credentials);
    checkPrivileges(identity);
    return identity;
  }
}

const mostProofs = 4;
/** within ten minutes */
const mostRenewals = 10;

/** ms before its end in which a token is not used any more */
const margin = 30_000;

function checkSame({ username }: Identity, credentials: Credentials): void {
  if (credentials.kind !== 'password' || username?.toLowerCase() === credentials.username.toLowerCase()) return;
  throw new PortalError(
    'AUTH_SIGN_IN',
    `Signed in as ${credentials.username}, but the portal says ${username ?? 'nobody'}.`,
  );
}
