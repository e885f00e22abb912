import { systemClock } from '../../../lib/clock.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';

// Run by directory.test.ts as a process of its own: raises the number in a blob by one, `times` times, by a
// clock that is so many ms ahead of that of the disk.
const [path = '', name = '', times = '', ahead = '0'] = process.argv.slice(2);
const store = new DirectoryStore(path, { clock: { ...systemClock, now: () => systemClock.now() + Number(ahead) } });
for (let done = 0; done < Number(times);) {
  const blob = await store.get(name);
  if (blob === undefined) throw new Error('The counter is gone.');
  const next = Buffer.from(String(Number(blob.bytes.toString()) + 1).padStart(8, '0'));
  if ((await store.put(name, next, { etag: blob.etag })) !== undefined) done += 1;
}
