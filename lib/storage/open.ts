import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { readStoreAddress } from './address.ts';
import type { ContainerParts } from './azure/container.ts';
import type { BlobStore } from './blob-store.ts';
import { DirectoryStore } from './directory/directory.ts';
import { openLater } from './open-later.ts';

/** What a store is opened with. */
export interface OpenParts extends ContainerParts {
  clock: Clock;
  /** asked for only when the address is Azure's, which needs one */
  credential?: (address: string) => TokenCredential;
}

/** Opens the store of BACKUP_STORE; nothing is asked yet. Throws SETTINGS_INVALID. */
export function openStore(address: string, parts: OpenParts): BlobStore {
  const found = readStoreAddress(address);
  if (found === undefined) throw wrong();
  if (found.kind === 'directory') return new DirectoryStore(found.path, { clock: parts.clock });
  const credential = found.kind === 'development' ? undefined : (parts.credential ?? noCredential)(found.url);
  return openLater(found.url, async () => {
    const { openContainer } = await import('./azure/container.ts');
    return openContainer(found.url, credential, parts);
  });
}

function noCredential(): never {
  throw new TypeError('A container of Azure is opened with an identity.');
}

// The value is not repeated: it may hold a key that somebody put into the address.
function wrong(): BackupError {
  return new BackupError(
    'SETTINGS_INVALID',
    'BACKUP_STORE is neither file:PATH nor the address of a container, https://ACCOUNT.blob.core.windows.net/CONTAINER.',
  );
}
