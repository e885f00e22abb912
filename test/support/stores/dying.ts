import { allRestores } from '../../../lib/archive/layout.ts';
import { BackupError } from '../../../lib/errors.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';

/** A store whose process dies when it is about to write the n-th entry of a journal, or when it just has. */
export function dying(store: BlobStore, n: number, when: 'before' | 'after') {
  let entries = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new BackupError('STORE_REFUSED', 'The process was killed.');
  };
  const put: BlobStore['put'] = async (name, bytes, condition) => {
    const isEntry = name.startsWith(allRestores) && ++entries === n;
    if (isDead || (isEntry && when === 'before')) die();
    const etag = await store.put(name, bytes, condition);
    return isEntry ? die() : etag;
  };
  const through = new Proxy(store, {
    get: (target, key) => {
      const value: unknown = key === 'put' ? put : Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => void).bind(target) : value;
    },
  });
  return { through, hasDied: () => isDead };
}
