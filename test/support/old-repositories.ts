import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { git } from '../git/stock-git.ts';

/** What a commit changes: a file's bytes by its path; null where it goes; or an entry of another kind. */
export type Change = Record<string, string | Buffer | null | Entry>;

/** An entry that is no file: its mode, and what a link names or of which commit a repository is. */
export interface Entry {
  mode: '120000' | '160000';
  content: string;
}

/** Makes a bare repository of these commits, a night apart, with two processes of git, whatever their number. */
export async function importCommits(folder: string, commits: readonly Change[]): Promise<string> {
  await git('/', 'init', '--quiet', '--bare', '-b', 'master', folder);
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] });
  const errors = text(child.stderr);
  for (const [n, change] of commits.entries()) {
    const who = `<old@localhost> ${1_700_000_000 + n * 86_400} +0000`;
    child.stdin.write(`commit refs/heads/master\ncommitter old ${who}\ndata <<.\nautomatic commit\n.\n`);
    for (const [path, content] of Object.entries(change)) child.stdin.write(lineOf(path, content));
    child.stdin.write('\n');
  }
  child.stdin.end('done\n');
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(await errors);
  return folder;
}

/** https://git-scm.com/docs/git-fast-import#_filemodify */
function lineOf(path: string, content: Change[string]): Buffer {
  const name = `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  if (content === null) return Buffer.from(`D ${name}\n`);
  const isFile = typeof content === 'string' || Buffer.isBuffer(content);
  const { mode, content: bytes } = isFile ? { mode: '100644', content } : content;
  if (mode === '160000') return Buffer.from(`M 160000 ${bytes.toString()} ${name}\n`);
  const data = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`M ${mode} inline ${name}\ndata ${data.length}\n`), data, Buffer.from('\n')]);
}
