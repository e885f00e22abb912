import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { RunRecord } from '../lib/backup/run.ts';
import { demoOrganization } from '../test/support/demo-organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';
import { makePackage } from './package.ts';

/** A package that grows makes every cold start slower, so growing is a decision. */
const most = { files: 7000, bytes: 45_000_000, loadMs: 6000 };

test('the package holds production alone, loads alone, and backs up with nothing of the repository beside it', async (t) => {
  assert.ok(existsSync(new URL('../dist/functions/backup.js', import.meta.url)), 'run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'ago-package-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { files, size } = makePackage(join(folder, 'app'));
  const portal = await startPortal({ org: demoOrganization() });
  t.after(() => portal.close());
  const env = { PATH: process.env['PATH'] ?? '', ...portal.env };
  const main = join(folder, 'app/dist/lib/cli/main.js');
  const began = performance.now();
  await promisify(execFile)(process.execPath, [main, '--help'], { cwd: folder, env });
  const loadMs = performance.now() - began;
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'run', '--json'], { cwd: folder, env });
  assert.equal((JSON.parse(stdout) as RunRecord).added, 58);
  t.diagnostic(`${files} files, ${(size / 1e6).toFixed(1)} MB, the command starts in ${Math.round(loadMs)} ms`);
  assert.ok(
    files <= most.files && size <= most.bytes && loadMs <= most.loadMs,
    `${files} files, ${size} bytes, ${loadMs} ms`,
  );
});
