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
  if (target.protocol === 'https:') return !isInternal(target.hostname) || target.hostname === portal.hostname;
  return target.protocol === 'http:' && portal.protocol === 'http:' && target.hostname === portal.hostname;
}

/** An address without a name, or this machine: storage that a portal leads to always has a name. */
function isInternal(hostname: string): boolean {
  const isNumber = /^[\d.]+$/.test(hostname) || hostname.startsWith('[');
  return isNumber || hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.endsWith('.internal');
}
