import { errors, failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { privilegesOf } from '../tokens.ts';
import { userOf } from './members.ts';

const root = /^\/sharing\/rest/.source;

function unable(...details: string[]): Answer {
  return failure({ code: 400, message: 'Unable to generate token.', details });
}

function minutesOf(ask: Ask): number {
  const asked = Number(ask.params.get('expiration') ?? NaN) || ask.state.behaviour.tokenMinutes;
  return Math.min(asked, ask.state.behaviour.tokenMinutes);
}

/** POST generateToken: user and password, or a portal token for a server (arcgis-rest.md 2.1). */
function generateToken(ask: Ask): Answer {
  const { params, state, method, caller } = ask;
  if (method !== 'POST') return failure({ code: 405, message: 'Method not allowed.' });
  if (params.has('serverUrl')) {
    if (!caller.account) return caller.invalid ? errors.invalidToken() : errors.tokenRequired();
    return json({ ...dated(state, state.tokens.issue(caller.account.username, minutesOf(ask))), ssl: false });
  }
  const missing = ['username', 'password'].filter((name) => !params.get(name));
  const bound = (params.get('client') ?? 'referer') === 'referer';
  const referer = params.get('referer');
  if (bound && !referer) missing.push('referer');
  if (missing.length > 0) return unable(...missing.map((name) => `'${name}' must be specified.`));
  const account = state.org.accounts.get(params.get('username') ?? '');
  if (!account || account.disabled || account.password === null || account.password !== params.get('password')) {
    return unable('Invalid username or password.');
  }
  return json({
    ...dated(state, state.tokens.issue(account.username, minutesOf(ask), bound ? referer : null)),
    ssl: true,
  });
}

/** POST oauth2/token: app credentials (arcgis-rest.md 2.2). */
function oauthToken({ params, state, method }: Ask): Answer {
  if (method !== 'POST') return failure({ code: 405, message: 'Method not allowed.' });
  const { app } = state.org;
  if (params.get('grant_type') !== 'client_credentials')
    return failure({ code: 400, message: 'Unsupported grant_type' });
  if (params.get('client_id') !== app.clientId || params.get('client_secret') !== app.clientSecret) {
    return failure({ code: 400, message: 'Invalid client_id or client_secret', details: [] });
  }
  const minutes = Math.min(Number(params.get('expiration') ?? 120) || 120, state.behaviour.tokenMinutes);
  const { token } = state.tokens.issue(app.owner, minutes, null, app);
  return json({ access_token: token, expires_in: minutes * 60 });
}

function communitySelf(ask: Ask): Answer {
  const { caller, state } = ask;
  if (!caller.account) return errors.tokenRequired();
  if (caller.app && state.behaviour.selfForApps === 'error') return errors.forbidden();
  return json(userOf(ask, caller.account));
}

/** portals/self: the organization for those who signed in, the generic portal for the others. */
function portalSelf(ask: Ask): Answer {
  const { caller, state } = ask;
  const { org } = state;
  const common = {
    isPortal: state.writing.wishedIds === 'honoured',
    portalName: 'ArcGIS Online',
    portalHostname: 'www.arcgis.com',
    supportsHostedServices: true,
    supportsOAuth: true,
    currentVersion: '2024.1',
    allSSL: false,
    authorizedCrossOriginDomains: [],
    authorizedCrossOriginNoCorsDomains: [],
  };
  if (!caller.account) return json({ id: '0123456789ABCDEF', name: 'ArcGIS Online', ...common });
  const own = { id: org.id, name: org.name, urlKey: org.urlKey, customBaseUrl: 'maps.example.com' };
  const { app } = caller;
  const appInfo = app && {
    appId: app.clientId,
    appOwner: caller.account.username,
    orgId: org.id,
    privileges: privilegesOf(caller),
  };
  const isUser = !app || state.behaviour.selfForApps === 'user';
  return json({
    ...own,
    ...common,
    ...writeSide(state),
    ...(isUser ? { user: userOf(ask, caller.account) } : {}),
    ...(appInfo ? { appInfo } : {}),
  });
}

/** What it says of the bin, and of being kept up. */
function writeSide({ writing: { tellsBin, bin, readOnly, credits } }: Ask['state']): object {
  return {
    ...(tellsBin && { recycleBinSupported: bin !== 'unsupported', recycleBinEnabled: bin === 'on' }),
    ...(readOnly && { isReadOnly: true }),
    ...(credits !== null && { availableCredits: credits }),
  };
}

/** {portal}/info and {server}/rest/info: how a client finds where tokens come from. */
function info({ state }: Ask): Answer {
  const authInfo = { isTokenBasedSecurity: true, tokenServicesUrl: `${state.url}/sharing/rest/generateToken` };
  return json({ owningSystemUrl: state.url, authInfo, currentVersion: 11.3, fullVersion: '11.3.0' });
}

/** Signing in, and who one is. */
export const signInRoutes: Route[] = [
  { pattern: new RegExp(`${root}/generateToken/?$`), answer: generateToken },
  { pattern: new RegExp(`${root}/oauth2/token/?$`), answer: oauthToken },
  { pattern: new RegExp(`${root}/community/self$`), answer: communitySelf },
  { pattern: new RegExp(`${root}/portals/self$`), answer: portalSelf },
  { pattern: new RegExp(`${root}/portals/([^/]+)$`), answer: portalSelf },
  { pattern: new RegExp(`${root}/info$`), answer: info },
  { pattern: /^\/arcgis\/rest\/info$/, answer: info },
];

/** A token as a portal says it whose clock is not ours. */
function dated({ behaviour }: Ask['state'], { token, expires }: { token: string; expires: number }) {
  return { token, expires: expires + behaviour.tokenClock };
}
