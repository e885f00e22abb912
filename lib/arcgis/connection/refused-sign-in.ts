import type { Credentials } from '../../settings/credentials.ts';
import { BackupError } from '../../errors.ts';
import { frontDoorHint } from './front-door.ts';
import { didSay, isBadToken, PortalError } from './portal-error.ts';

/** What the words of a portal mean, and what is done about it; the first that fits. */
const words: readonly [RegExp, string][] = [
  [
    /too many|locked/i,
    'The portal has locked the account for some minutes: correct ARCGIS_PASSWORD first, and try again when they are over.',
  ],
  [
    /multi-?factor|\bmfa\b|two-?factor|one-?time/i,
    'The account signs in with a second factor, which nobody gives at night: turn multifactor off for it, or use an OAuth app (ARCGIS_CLIENT_ID, ARCGIS_CLIENT_SECRET) or an API key (ARCGIS_API_KEY).',
  ],
  [
    /saml|openid|oidc|identity provider|enterprise (?:login|account)|organization-specific|federated|external/i,
    'The account signs in at an identity provider, where no program can: make a built-in account for the backup, or use an OAuth app (ARCGIS_CLIENT_ID, ARCGIS_CLIENT_SECRET) or an API key (ARCGIS_API_KEY).',
  ],
  [/disabled|inactive|deactivated/i, 'Enable the account of ARCGIS_USERNAME in the portal, or name another one.'],
  [
    /expired|(?:change|reset) (?:your |the )?password/i,
    'Sign in once in a browser with the account of ARCGIS_USERNAME, give it a new password, and put that into ARCGIS_PASSWORD.',
  ],
];

const usual: Record<Credentials['kind'], string> = {
  password:
    'Check ARCGIS_USERNAME, capital letters included, and ARCGIS_PASSWORD. The portal says the same of accounts that sign in with SAML, OpenID Connect, PKI or multifactor, and of disabled ones: the account must be a built-in one without them; where there can be none, use an OAuth app (ARCGIS_CLIENT_ID, ARCGIS_CLIENT_SECRET) or an API key (ARCGIS_API_KEY).',
  app: 'Check ARCGIS_CLIENT_ID and ARCGIS_CLIENT_SECRET: the app must be there still, and its secret the latest one.',
  key: 'Make a new API key and put it into ARCGIS_API_KEY: one lasts at most a year, ends when another takes its place, and must hold the privileges of an administrator.',
};

/**
 * What to do about credentials that the portal refuses. It seldom tells why (arcgis-rest.md 1.1 and 2.1), so that what it says decides only
 * where it does.
 * @param message as the portal said it
 */
export function signInHint(kind: Credentials['kind'], message: string): string {
  const told = kind === 'password' ? words.find(([pattern]) => pattern.test(message))?.[1] : undefined;
  return told ?? usual[kind];
}

/** What only the account of the backup has besides: other ways to sign in. */
const otherWays = /(?:, or|; where there can be none,) use an OAuth app \(.*?\) or an API key \(.*?\)/;

/**
 * What a refused sign-in of the account that restores means, by the names of its settings: who may not sign in is RESTORE_ACCOUNT, who
 * does not see everything RESTORE_PRIVILEGE; anything else is what it is.
 */
export function asRestorers(error: unknown): unknown {
  if (!(error instanceof BackupError)) return error;
  if (error.code === 'AUTH_PRIVILEGE') return new BackupError('RESTORE_PRIVILEGE', error.message);
  if (error.code !== 'AUTH_SIGN_IN' && error.code !== 'AUTH_ANONYMOUS') return error;
  const isAtDoor = error instanceof PortalError && isAtTheDoor(error);
  const hint = isAtDoor
    ? frontDoorHint
    : signInHint('password', error.message)
        .replace(otherWays, '')
        .replaceAll('ARCGIS_', 'RESTORE_')
        .replace('for the backup', 'for restores');
  return new BackupError('RESTORE_ACCOUNT', error.message, { hint });
}

/** Does the portal, or a server of it, not take the token? */
export function isRefusedToken(error: unknown): boolean {
  return error instanceof PortalError && (error.status === 401 || didSay(error, isBadToken));
}

/** Did a sign-in that stands before the portal refuse it, and no word of the portal? */
export function isAtTheDoor(error: PortalError): boolean {
  return error.hint === frontDoorHint;
}

/** What kept a sign-in from being made, as the refusal that it is: whatever else was asked, another address or other credentials cure it. */
export function asRefusal(error: unknown, kind: Credentials['kind']): unknown {
  if (!(error instanceof PortalError)) return error;
  if (!isAtTheDoor(error) && (kind === 'password' || !isRefusedToken(error))) return error;
  const hint = isAtTheDoor(error) ? frontDoorHint : signInHint(kind, error.message);
  return new PortalError('AUTH_SIGN_IN', error.message, { tried: true, hint });
}
