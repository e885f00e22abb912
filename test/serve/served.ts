import type { TestContext } from 'node:test';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import type { Replacements } from '../../lib/replacements.ts';
import { VirtualClock } from '../support/clock.ts';

/** Nobody asks the portal of these. */
const account = { ARCGIS_USERNAME: 'backup', ARCGIS_PASSWORD: 'correct-horse' };

/** The real functions over a store, on a port of this machine. */
export async function serveStore(
  t: TestContext,
  store: string,
  { settings = {}, ...more }: { settings?: Record<string, string> } & Replacements = {},
) {
  const env = { ...account, BACKUP_STORE: store.includes(':') ? store : `file:${store}`, ...settings };
  const replacements = { clock: new VirtualClock(), ...more };
  const { host } = await startLocalHost(env, () => undefined, replacements);
  t.after(() => host.close());
  const { port } = await host.serve(0);
  const origin = `http://127.0.0.1:${port}`;
  return { host, port, origin, url: `${origin}/archive.git` };
}
