import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { makeHugeArchive } from '../../support/huge-archive.ts';
import { serveStore } from '../served.ts';

/** A little more than 2 GiB: its end does not fit into 31 bits, nor do the places of what lies behind it. */
const mib = 2049;
const skip = process.env['LONG'] === undefined && 'takes a minute: LONG=1';

const peak = () => process.resourceUsage().maxRSS / 1024;

test(
  `an object of ${mib} MiB is cloned byte for byte, and the server holds a small part of it at a time`,
  { skip },
  async (t) => {
    const folder = await temporaryFolder(t);
    const digest = await makeHugeArchive(folder, 'backup.git', mib);
    const { url } = await serveStore(t, join(folder, 'backup.git'));
    const before = peak();
    const cloning = spawn('git', ['clone', '--quiet', '--bare', url, 'clone.git'], { cwd: folder, stdio: 'inherit' });
    assert.deepEqual(await once(cloning, 'close'), [0, null]);
    assert.ok(peak() - before < 64, `${before.toFixed(0)} MiB before, ${peak().toFixed(0)} MiB after`);
    const clone = join(folder, 'clone.git');
    assert.equal(await git(clone, 'show', 'main:small.txt'), 'small');
    const hash = createHash('sha256');
    const reading = spawn('git', ['cat-file', 'blob', 'main:huge.bin'], {
      cwd: clone,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await pipeline(reading.stdout, hash);
    assert.equal(hash.digest('hex'), digest);
  },
);
