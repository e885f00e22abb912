import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

/** What a command printed, and its exit status. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `ago-backup` as a process of its own, in `cwd`, with nothing in its environment but `env`. */
export async function command(args: string[], env: Record<string, string>, cwd: string): Promise<Ended> {
  const { child, output } = start(args, env, cwd);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

/** Starts `ago-backup`; `output` grows as it prints. */
export function start(args: string[], env: Record<string, string>, cwd: string) {
  const cache = process.env['NODE_COMPILE_CACHE'];
  const plain = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    ...(cache !== undefined && { NODE_COMPILE_CACHE: resolve(cache) }),
    ...env,
  };
  const child = spawn(process.execPath, [main, ...args], { cwd, env: plain, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += String(text)));
  child.stderr.on('data', (text) => (output.stderr += String(text)));
  return { child, output };
}
