import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';

/** The repository on disk, for stock git, with or without its large files. */
export async function dump(t: TestContext, store: BlobStore, large = false): Promise<string> {
  const folder = join(await temporaryFolder(t), 'store.git');
  for await (const { name } of store.list('')) {
    if (name.startsWith('ago-backup/') || (!large && name.startsWith('lfs/'))) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), (await store.get(name))?.bytes ?? '');
  }
  return folder;
}

/** Stock git's verdict over a copy on disk, and the number of commits. */
export async function fsck(t: TestContext, store: BlobStore): Promise<number> {
  const folder = await dump(t, store);
  await git(folder, 'fsck', '--strict');
  return Number(await git(folder, 'rev-list', '--count', 'main'));
}
