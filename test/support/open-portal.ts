import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { openPortal, type Portal } from '../../lib/arcgis/portal.ts';
import type { ListingCursor } from '../../lib/arcgis/content/listing-cursor.ts';
import type { Item } from '../../lib/backup/item.ts';
import { Secret } from '../../lib/secret.ts';
import type { Credentials } from '../../lib/settings/credentials.ts';
import { VirtualClock } from './clock.ts';
import { startPortal, type PortalOptions, type SimulatedPortal } from './portal/portal.ts';

/** A simulated portal, and our portal talking to it as the account of the backup unless told otherwise. */
export async function portalPair(
  t: TestContext,
  options: PortalOptions & {
    credentials?: (sim: SimulatedPortal) => Credentials;
    timeouts?: { answer: number; idle: number };
  } = {},
): Promise<{ sim: SimulatedPortal; portal: Portal; clock: VirtualClock }> {
  const clock = new VirtualClock();
  const sim = await startPortal({ clock, ...options });
  t.after(async () => {
    await sim.close();
    assert.deepEqual(sim.leaks, [], 'credentials reached a foreign host');
  });
  const credentials = options.credentials?.(sim) ?? password(sim.org.admin.username, sim.org.admin.password);
  const { timeouts } = options;
  const portal = openPortal({
    url: sim.url,
    credentials,
    clock,
    fetch: globalThis.fetch,
    ...(timeouts && { timeouts }),
  });
  return { sim, portal, clock };
}

/** Credentials of a built-in account. */
export function password(username: string, secret: string): Credentials {
  return { kind: 'password', username, password: new Secret(secret) };
}

/** A member's whole content, with what a listing that began anew gave before thrown away. */
export async function readAll(portal: Portal, username: string, saved?: ListingCursor): Promise<Item[]> {
  return readToEnd(portal.content(username, saved));
}

/** The same of a listing that is at hand. */
export async function readToEnd(listing: ReturnType<Portal['content']>): Promise<Item[]> {
  let items: Item[] = [];
  for (;;) {
    const step = await listing.next();
    if (step === 'end') return items;
    items = step === 'again' ? [] : [...items, ...step.items];
  }
}

/** All bytes of a body. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
