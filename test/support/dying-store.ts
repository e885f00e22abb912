import { allRestores } from '../../lib/archive/layout.ts';
import { BackupError } from '../../lib/errors.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';

/** A store whose process dies when it has just written the n-th entry of a journal of restores. */
export function dying(store: BlobStore, n: number): { through: BlobStore; hasDied: () => boolean } {
  let entries = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new BackupError('STORE_REFUSED', 'The process was killed.');
  };
  const put: BlobStore['put'] = async (name, bytes, condition) => {
    if (isDead) die();
    const etag = await store.put(name, bytes, condition);
    return name.startsWith(allRestores) && ++entries === n ? die() : etag;
  };
  const through = new Proxy(store, {
    get: (target, key) => {
      const value: unknown = key === 'put' ? put : Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => void).bind(target) : value;
    },
  });
  return { through, hasDied: () => isDead };
}
