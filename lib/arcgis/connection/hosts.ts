/** Which hosts are told the token, and where a redirect may lead. Addresses of items are written by members. */

/**
 * May a request to this address carry the portal's token? Only to the portal itself, to servers that the portal names as
 * its own, and, for ArcGIS Online, over https to Esri's hosts.
 * @param servers origins of federated servers
 */
export function mayCarryToken(url: URL, portal: URL, servers: ReadonlySet<string>): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (url.origin === portal.origin || servers.has(url.origin)) return true;
  return url.protocol === 'https:' && url.port === '' && isOnline(portal.hostname) && isOnline(url.hostname);
}

/** Is it a host of ArcGIS Online? */
export function isOnline(hostname: string): boolean {
  return hostname === 'arcgis.com' || hostname.endsWith('.arcgis.com');
}

/**
 * May a redirect of the portal be followed there, without any credentials? Never to an address inside our own network,
 * such as the metadata endpoint of a cloud (169.254.169.254); a portal on this machine may lead to this machine.
 */
export function mayFollow(target: URL, portal: URL): boolean {
  if (target.username !== '' || target.password !== '') return false;
  if (target.protocol === 'https:') return !isInternal(target.hostname) || isNear(target.hostname, portal.hostname);
  if (target.protocol !== 'http:' || portal.protocol !== 'http:') return false;
  return target.hostname === portal.hostname || (isLoopback(portal.hostname) && isLoopback(target.hostname));
}

/** This machine, under any of its names: RFC 6761 and RFC 6890. URL writes IPv4 with four numbers, and IPv6 short. */
function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]' || /^(?:.+\.)?localhost$/.test(hostname);
}

/** An address without a name, this machine, or a name of some inner network: storage of a portal has a public name. */
function isInternal(hostname: string): boolean {
  // URL writes every form of an IPv4 address with four numbers; a dot at the end of a name changes nothing.
  const name = hostname.replace(/\.$/, '').toLowerCase();
  const isNumber = /^[\d.]+$/.test(name) || name.startsWith('[');
  return isNumber || !name.includes('.') || innerNames.some((ending) => name.endsWith(ending));
}

/** The portal itself, or a host of the same inner domain as an Enterprise portal with an inner name. */
function isNear(hostname: string, portal: string): boolean {
  const domain = portal.slice(portal.indexOf('.') + 1);
  const isDomain = domain.includes('.') && !/[\d\]]$/.test(domain);
  return hostname === portal || (isDomain && hostname.endsWith(`.${domain}`));
}

// RFC 6761, 6762, 8375, 9476, and what clouds and companies use.
const innerNames = [
  '.localhost',
  '.local',
  '.localdomain',
  '.internal',
  '.intranet',
  '.lan',
  '.home.arpa',
  '.corp',
  '.home',
];
