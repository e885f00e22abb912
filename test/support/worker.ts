import { startLocalHost } from '../../lib/cli/local-host.ts';
import { functions } from '../../lib/host/core-module.ts';
import { invoke, jsonOf } from '../../lib/host/invoke.ts';
import { openStore } from '../../lib/storage/open.ts';
import { VirtualClock } from './clock.ts';
import { watched } from './stores/counting.ts';

/** What a worker of its own is asked to do: one execution of a registered function, and where it dies. */
export interface Work {
  name: string;
  input: unknown;
  /** id of the host that it belongs to */
  host: string;
  /** epoch ms */
  now: number;
  /** at which write of an entry of a restore's journal it kills itself, from 1; 0 = nowhere */
  entry: number;
  when: 'before' | 'after';
}

/** A worker process, as the Functions host starts one: it says what the function returned, or is killed as by a power cut. */
async function work({ name, input, host, now, entry, when }: Work): Promise<void> {
  const clock = new VirtualClock(now);
  let entries = 0;
  const plain = openStore(process.env['BACKUP_STORE'] ?? '', { clock });
  const store = watched(plain, async (call, run) => {
    const isHere = call.verb === 'put' && /\/restores\/.*\/journal\//.test(call.name) && ++entries === entry;
    if (isHere && when === 'before') process.kill(process.pid, 'SIGKILL');
    const done = await run();
    if (isHere) process.kill(process.pid, 'SIGKILL');
    return done;
  });
  const own = { id: host, name: host, isGone: () => Promise.resolve(false) };
  const { host: loaded } = await startLocalHost(process.env, () => undefined, { store, clock, host: own });
  const fn = functions.get(name);
  if (fn === undefined) throw new Error(`There is no function ${name}.`);
  const answer = await invoke(fn, { json: JSON.stringify(input) }, { clientBinding: '', log: () => undefined });
  await loaded.close();
  process.send?.(JSON.parse(jsonOf(answer)));
  process.disconnect();
}

process.once('message', (given: Work) => void work(given));
