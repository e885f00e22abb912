import { spawn } from 'node:child_process';
import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { git } from '../git/stock-git.ts';

const piece = Buffer.alloc(1 << 20);

/** So many MiB that no compression makes smaller, the same every time. */
function* bytes(mib: number, hash: Hash): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  for (let n = 0; n < mib; n++) {
    const next = cipher.update(piece);
    hash.update(next);
    yield next;
  }
}

/**
 * A bare repository whose pack holds one object of so many MiB and a small one behind it, as people's git writes it: ours
 * makes Git LFS objects of large files. Returns the SHA-256 of the large one.
 */
export async function makeHugeArchive(folder: string, name: string, mib: number): Promise<string> {
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', name);
  const hash = createHash('sha256');
  const settings = ['core.bigFileThreshold=1m', 'core.compression=0', 'fastimport.unpackLimit=1'];
  const args = ['-C', name, ...settings.flatMap((one) => ['-c', one]), 'fast-import', '--quiet'];
  const child = spawn('git', args, { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'] });
  const lines = function* () {
    yield 'commit refs/heads/main\ncommitter a <a@b> 1700000000 +0000\ndata 1\nx\n';
    yield `M 100644 inline huge.bin\ndata ${mib * piece.length}\n`;
    yield* bytes(mib, hash);
    yield '\nM 100644 inline small.txt\ndata 5\nsmall\n';
  };
  Readable.from(lines()).pipe(child.stdin);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  await git(folder, '-C', name, 'update-server-info');
  return hash.digest('hex');
}
