import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { recognised } from './recognise.ts';
import { refused } from './refusals.ts';

/** A git repository on disk. */
export interface Found {
  /** what holds HEAD, objects and refs */
  gitFolder: string;
  /** undefined of a bare one */
  workingCopy: string | undefined;
}

/** The repository that a path means: a working copy, its .git folder, or a bare clone. Throws TAKEOVER_REFUSED with what lies there instead. */
export async function findRepository(given: string): Promise<Found> {
  const path = resolve(given);
  const found = await repositoryAt(path);
  if (found === undefined) throw await nothingAt(path);
  if ((await textOf(join(found.gitFolder, 'commondir'))) !== undefined)
    throw refused(
      `${path} is a second working copy of another repository, without commits of its own.`,
      'Name the repository that `git rev-parse --git-common-dir` tells there.',
    );
  return found;
}

async function repositoryAt(path: string): Promise<Found | undefined> {
  const linked = /^gitdir: (.+)$/m.exec((await textOf(join(path, '.git'))) ?? '')?.[1];
  if (linked !== undefined) return { gitFolder: resolve(path, linked.trim()), workingCopy: path };
  if (await isGit(join(path, '.git'))) return { gitFolder: join(path, '.git'), workingCopy: path };
  if (!(await isGit(path))) return undefined;
  const isBare = /^\s*bare\s*=\s*true\s*$/im.test((await textOf(join(path, 'config'))) ?? '');
  return { gitFolder: path, workingCopy: basename(path) === '.git' && !isBare ? dirname(path) : undefined };
}

/** A folder titled HEAD is nobody's repository. */
async function isGit(folder: string): Promise<boolean> {
  return (
    (await textOf(join(folder, 'HEAD'))) !== undefined &&
    (await stat(join(folder, 'objects')).catch(gone)) !== undefined
  );
}

/** What is there in place of a repository, and where one is near. */
async function nothingAt(path: string) {
  const facts = await stat(path).catch(gone);
  if (facts === undefined) return refused(`${path} is no git repository: there is nothing.`);
  if (facts.isFile())
    return (await isBundle(path))
      ? refused(
          `${path} is no git repository, but a bundle of one.`,
          `Run \`git clone --bare ${basename(path)} Content.git\`, and name that.`,
        )
      : refused(`${path} is no git repository, but a file.`);
  const names = (await readdir(path)).sort();
  for (const near of [dirname(path), ...names.map((name) => join(path, name))])
    if ((await repositoryAt(near)) !== undefined)
      return refused(`${path} is no git repository, but ${near} is one.`, `If that is the archive, name it: ${near}`);
  const inside = async (name: string) =>
    (await stat(join(path, name)).catch(gone))?.isDirectory() ? readdir(join(path, name)) : [];
  return refused(
    `${path} is no git repository${names.length === 0 ? ': it is empty' : ` and ${await recognised(names, inside)}`}.`,
  );
}

/** https://git-scm.com/docs/gitformat-bundle */
async function isBundle(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return /^# v\d git bundle/.test(buffer.toString('latin1'));
  } finally {
    await file.close();
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return (await stat(path).catch(gone))?.isFile() ? readFile(path, 'utf8') : undefined;
}

function gone(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) throw error;
}
