import { systemClock } from '../../../lib/clock.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';

/**
 * A process of its own that stops, as if its machine slept, when it has the lock and has found the blob as it wants it.
 * What became of its write is printed.
 */
const [path = '', name = '', text = ''] = process.argv.slice(2);
const store = new DirectoryStore(path, { clock: systemClock });
const etag = (await store.get(name))?.etag ?? '';
const condition = {
  get etag() {
    process.kill(process.pid, 'SIGSTOP');
    return etag;
  },
};
try {
  process.stdout.write(String(await store.put(name, Buffer.from(text), condition)));
} catch (error) {
  process.stdout.write(String((error as { code?: unknown }).code));
}
