import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openPortal } from '../../lib/arcgis/portal.ts';
import { VirtualClock } from './clock.ts';
import { password } from './open-portal.ts';
import type { SimulatedPortal } from './portal/portal.ts';

/** Megabytes of heap: the longest answer, or the longest listing, and half as much again. */
const heap = 400;

/**
 * Reads the resources and the members in a process that has little memory: the codes of how both end. A process that runs
 * out of memory dies, and this rejects.
 */
export async function readInSmallProcess({ url, org }: SimulatedPortal, itemId: string): Promise<string[]> {
  const own = fileURLToPath(import.meta.url);
  const args = [`--max-old-space-size=${heap}`, own, url, org.admin.username, org.admin.password, itemId];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {}, timeout: 120_000 });
  return stdout.trim().split(' ');
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    () => 'read',
    (error: unknown) => String((error as { code?: unknown }).code),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = '', username = '', word = '', itemId = ''] = process.argv.slice(2);
  const credentials = password(username, word);
  const portal = openPortal({ url, credentials, clock: new VirtualClock(), fetch: globalThis.fetch });
  process.stdout.write(`${await codeOf(portal.resources(itemId))} ${await codeOf(portal.members())}\n`);
}
