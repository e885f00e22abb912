import { z } from 'zod';
import { oneLine } from '../../backup/words.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError, isCode } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { objectIn } from '../connection/fields.ts';
import { isStranger, PortalError } from '../connection/portal-error.ts';
import { isOnline, mayCarryToken } from '../connection/hosts.ts';
import type { Call } from '../connection/call.ts';

const servers = z.looseObject({ servers: z.array(z.unknown()).nullish() });

const owned = z.looseObject({ serviceItemId: z.string().nullish().catch(null) });

/**
 * The item that a service itself says it belongs to; undefined when it does not say. Its address and the keywords of an item
 * are written by members, and the account of the backup may read what they may not. Throws HOST_FOREIGN, PORTAL_ERROR.
 */
export async function readServiceItem(client: Client, item: Item): Promise<string | undefined> {
  const what = `The service of ${item.id}`;
  const answer = await askService(client, { url: await serviceAddress(client, item), what });
  return shaped(owned, answer, what).serviceItemId ?? undefined;
}

/**
 * Asks a server for JSON, with the token. A server that never takes it is the trouble of this service alone: PORTAL_REFUSED. Throws as `Wire.json`.
 */
export async function askService(client: Client, call: Omit<Call, 'token'>): Promise<unknown> {
  try {
    return await client.ask(call);
  } catch (error) {
    if (!isCode(error, 'PORTAL_ERROR') || !(error instanceof PortalError) || !isStranger(error)) throw error;
    throw new PortalError('PORTAL_REFUSED', error.message, error.said && { said: error.said });
  }
}

/**
 * Does a server say for good that there is no such service? ArcGIS Online says that the address is invalid; others have
 * nothing at it. One that is stopped is there.
 */
export function isServiceGone(error: unknown): boolean {
  if (!(error instanceof PortalError) || error.retryable) return false;
  const { said, status } = error;
  if (said === undefined) return status === 404 || status === 410;
  const text = `${said.message} ${said.details}`;
  return said.code === 404 || (said.code === 400 && /invalid url/i.test(text)) || /service .*not found/i.test(text);
}

/**
 * The address of a service that may be told the token, without layer number and slash. The address of anything else below
 * the portal, which a GET may change, is none. Throws HOST_FOREIGN.
 */
export async function serviceAddress(client: Client, { id, url }: Item): Promise<string> {
  const address = url !== null && URL.canParse(url) ? new URL(url) : undefined;
  // As good as a service that is not there.
  if (address === undefined)
    throw new PortalError('PORTAL_ERROR', `The service ${id} has no address.`, { status: 404 });
  const { portal } = client.wire;
  // Old items have addresses with http; Esri's hosts answer both, and a token must not go over the first.
  if (address.protocol === 'http:' && isOnline(address.hostname)) address.protocol = 'https:';
  const isKnown = mayCarryToken(address, portal, new Set()) || mayCarryToken(address, portal, await serversOf(client));
  if (!isKnown) {
    throw new BackupError(
      'HOST_FOREIGN',
      `The service ${id} points to ${oneLine(address.host)}, which does not belong to the portal.`,
    );
  }
  const path = servicePath.exec(address.pathname)?.[1];
  if (path === undefined) throw new BackupError('PORTAL_ERROR', `The service ${id} has the address of something else.`);
  return address.origin + path;
}

// A layer's number and slashes may follow.
const servicePath = /^(\/(?:[^/]+\/){0,9}rest\/services\/(?:[^/]+\/){1,9}(?:Feature|Map)Server)(?:\/\d*)*$/i;

const known = new WeakMap<Client, Promise<ReadonlySet<string>>>();

/** Origins of the servers that are federated with an Enterprise portal; ArcGIS Online has none. */
function serversOf(client: Client): Promise<ReadonlySet<string>> {
  if (isOnline(client.wire.portal.hostname)) return Promise.resolve(new Set());
  const found = known.get(client) ?? readServers(client);
  known.set(client, found);
  found.catch(() => known.delete(client));
  return found;
}

/**
 * None where the portal does not tell: then no other host gets the token.
 * https://developers.arcgis.com/rest/enterprise-administration/portal/servers/
 */
async function readServers(client: Client): Promise<ReadonlySet<string>> {
  try {
    const answer = await client.json(servers, { path: '/portals/self/servers', what: 'The list of servers' });
    const urls = (answer.servers ?? []).map((each) => objectIn(each)?.['url']).filter((url) => typeof url === 'string');
    return new Set(
      urls.filter((url) => URL.canParse(url) && url.startsWith('https:')).map((url) => new URL(url).origin),
    );
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) return new Set();
    throw error;
  }
}
