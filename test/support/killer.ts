import { systemClock } from '../../lib/clock.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { watched } from './stores/counting.ts';
import { openStore } from '../../lib/storage/open.ts';

/**
 * A run in a process of its own that kills itself at one write to its store, as a power cut does:
 * `node killer.ts <pattern> <before|after>`, or `node killer.ts call:<n> <before|after>` at the nth call, from 0; the
 * settings come from the environment.
 */
const [pattern = '', when = 'before'] = process.argv.slice(2);
const deadly = new RegExp(pattern);
const nth = /^call:(\d+)$/.exec(pattern)?.[1];
let calls = 0;

const writes = new Set(['put', 'putStream', 'copy', 'delete']);
const store = watched(
  openStore(process.env['BACKUP_STORE'] ?? '', { clock: systemClock }),
  async ({ verb, name }, call) => {
    const isHere =
      nth === undefined
        ? writes.has(verb) && deadly.test(verb === 'delete' ? `delete ${name}` : name)
        : calls++ === Number(nth);
    if (isHere && when === 'before') process.kill(process.pid, 'SIGKILL');
    const done = await call();
    if (isHere) process.kill(process.pid, 'SIGKILL');
    return done;
  },
);
const { host } = await startLocalHost(process.env, () => undefined, { store });
await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
await host.completed('ago-backup');
await host.close();
