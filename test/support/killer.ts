import { systemClock } from '../../lib/clock.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { openStore } from '../../lib/storage/open.ts';

/**
 * A run in a process of its own that kills itself at one write to its store, as a power cut does:
 * `node killer.ts <pattern> <before|after>`; the settings come from the environment.
 */
const [pattern = '', when = 'before'] = process.argv.slice(2);
const deadly = new RegExp(pattern);

async function around<T>(name: string, write: () => Promise<T>): Promise<T> {
  const isHere = deadly.test(name);
  if (isHere && when === 'before') process.kill(process.pid, 'SIGKILL');
  const done = await write();
  if (isHere) process.kill(process.pid, 'SIGKILL');
  return done;
}

function killing(store: BlobStore): BlobStore {
  return {
    address: store.address,
    create: () => store.create(),
    get: (...args) => store.get(...args),
    stream: (...args) => store.stream(...args),
    stat: (...args) => store.stat(...args),
    list: (...args) => store.list(...args),
    put: (...args) => around(args[0], () => store.put(...args)),
    putStream: (...args) => around(args[0], () => store.putStream(...args)),
    copy: (from, to) => around(to, () => store.copy(from, to)),
    delete: (name) => around(`delete ${name}`, () => store.delete(name)),
  };
}

const store = killing(openStore(process.env['BACKUP_STORE'] ?? '', { clock: systemClock }));
const { host } = await startLocalHost(process.env, () => undefined, { store });
await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
await host.completed('ago-backup');
await host.close();
