import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lib/clock.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';

/** Runs a test with a directory store, whose random names are all `random`, and removes its folder. */
export async function inFolder(body: (root: string, store: DirectoryStore) => Promise<void>): Promise<void> {
  const root = await fs.mkdtemp(join(tmpdir(), 'ago-store-'));
  try {
    const store = new DirectoryStore(root, { clock: systemClock, random: () => 'random' });
    await store.create();
    await body(root, store);
  } finally {
    await fs.rm(root, { recursive: true });
  }
}
