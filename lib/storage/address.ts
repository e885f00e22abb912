/** Azurite's account. https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
export const developmentAccount = 'devstoreaccount1';

// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names
// Not $root: its blobs cannot have a slash in their names.
const container = /^\/[a-z0-9](?:-?[a-z0-9]){2,62}\/?$/;
const developmentContainer = new RegExp(`^/${developmentAccount}${container.source.slice(1)}`);

/** Where an archive lies: a directory, or a container, of Azurite on this machine or of Azure. */
export type StoreAddress = { kind: 'directory'; path: string } | { kind: 'development' | 'azure'; url: string };

/** Reads BACKUP_STORE, for the check of the settings and for whoever opens it; undefined when it is neither. */
export function readStoreAddress(address: string): StoreAddress | undefined {
  if (address.startsWith('file:')) {
    const path = address.slice('file:'.length);
    return path === '' || path.includes('\0') ? undefined : { kind: 'directory', path };
  }
  const url = URL.parse(address);
  if (url === null || url.search + url.hash + url.username + url.password !== '') return undefined;
  const clean = url.origin + url.pathname.replace(/\/$/, '');
  if (isLoopback(url) && developmentContainer.test(url.pathname)) return { kind: 'development', url: clean };
  return url.protocol === 'https:' && container.test(url.pathname) ? { kind: 'azure', url: clean } : undefined;
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Is it a directory, and no container? The cure of what is missing there is another. @param address of a store */
export function isOnDisk(address: string): boolean {
  return address.startsWith('file:');
}
