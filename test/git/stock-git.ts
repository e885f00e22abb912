import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { TestContext } from 'node:test';

/** git as a person has it, without the settings of this machine. Never waits for a password. */
const env = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'ana',
  GIT_AUTHOR_EMAIL: 'ana@localhost',
  GIT_COMMITTER_NAME: 'ana',
  GIT_COMMITTER_EMAIL: 'ana@localhost',
};

const run = promisify(execFile);

/** Runs git in a folder; what it prints. Fails with its error text. Does not block, so a server of the test may answer it. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd, env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Files of commits, byte for byte, by one process of git. @param names such as `HEAD:README.md` */
export async function filesAt(cwd: string, names: readonly string[]): Promise<Buffer[]> {
  const child = spawn('git', ['cat-file', '--batch', '-z'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(names.map((name) => `${name}\0`).join(''));
  const all = await buffer(child.stdout);
  let at = 0;
  return names.map((name) => {
    const end = all.indexOf('\n', at);
    const size = / blob (\d+)$/.exec(all.toString('utf8', at, end))?.[1];
    if (size === undefined) throw new Error(`git has no ${name}`);
    const start = end + 1;
    at = start + Number(size) + 1;
    return all.subarray(start, at - 1);
  });
}

/** git-lfs is not everywhere; git is. */
export const hasLfs = spawnSync('git', ['lfs', 'version'], { env: { ...env, HOME: tmpdir() } }).status === 0;

/** A folder that goes when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ago-git-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
