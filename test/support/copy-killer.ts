import { thisHost } from '../../lib/archive/runs/this-host.ts';
import { systemClock as clock } from '../../lib/clock.ts';
import { copyArchive } from '../../lib/copy/copy.ts';
import { openStore } from '../../lib/storage/open.ts';
import { watched } from './stores/counting.ts';

/**
 * A copy in a process of its own that kills itself at one write to its target, as a power cut does:
 * `node copy-killer.ts <from> <to> <pattern> <before|after>`.
 */
const [from = '', to = '', pattern = '', when = 'before'] = process.argv.slice(2);
const deadly = new RegExp(pattern);
const target = watched(openStore(to, { clock }), async ({ verb, name }, call) => {
  const isHere = /^(put|putStream|delete)$/.test(verb) && deadly.test(name);
  if (isHere && when === 'before') process.kill(process.pid, 'SIGKILL');
  const done = await call();
  if (isHere) process.kill(process.pid, 'SIGKILL');
  return done;
});
const nobody = () => undefined;
const host = () => thisHost(undefined);
await copyArchive(openStore(from, { clock }), target, { clock, host, expect: nobody, tell: nobody });
