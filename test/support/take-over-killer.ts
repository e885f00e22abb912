import { app, replaceParts } from '../../lib/app.ts';
import { systemClock } from '../../lib/clock.ts';
import { openStore } from '../../lib/storage/open.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { takeOver } from '../../lib/takeover/take-over.ts';
import { watched } from './stores/counting.ts';

/**
 * A take-over in a process of its own that kills itself at one write to its target, as a power cut does, which it names before:
 * `node take-over-killer.ts <old> <pattern> <before|during|after>`, or `call:<n>` for the nth write, from 0; the settings come from the
 * environment.
 */
const [path = '', pattern = '', when = 'before'] = process.argv.slice(2);
const nth = /^call:(\d+)$/.exec(pattern)?.[1];
const deadly = new RegExp(pattern);
const writes = new Set(['put', 'putStream', 'copy', 'delete']);
const die = () => process.kill(process.pid, 'SIGKILL');
let calls = 0;
const target = openStore(process.env['BACKUP_STORE'] ?? '', { clock: systemClock });
const store = watched(target, async ({ verb, name }, run) => {
  if (!writes.has(verb)) return run();
  const isHere = nth === undefined ? deadly.test(`${verb} ${name}`) : calls++ === Number(nth);
  if (!isHere) return run();
  process.stdout.write(`${verb} ${name}`);
  if (when === 'before') die();
  // The next turn of the event loop finds a file that is written, and has not its name yet.
  if (when === 'during') setImmediate(die);
  const done = await run();
  die();
  return done;
});

replaceParts({ env: process.env, store });
await takeOver(app().deps, await openOldArchive(path, systemClock), {
  ...{ dryRun: false, say: () => undefined, expect: () => undefined, tell: () => undefined },
});
