import { deflateSync, inflateSync } from 'node:zlib';
import type { NewObjects } from './new-objects.ts';
import { isType } from './pack/pack-entry.ts';
import type { ObjectReader } from './object-reader.ts';

const looseName = /\/objects\/([0-9a-f]{2})\/([0-9a-f]{38})$/;

/** The folder that isomorphic-git believes the repository is in. */
export const gitdir = '/archive.git';

/**
 * The file system that isomorphic-git sees: every object of the archive looks like a loose one, and everything else is not
 * there, so its many probes cost no request (git-on-blob-storage.md, section 3). A store that fails throws; it never
 * looks like a missing file, for which isomorphic-git would start a new history. Nothing is ever written to the store.
 * @param fresh takes the objects that isomorphic-git writes; without it every write throws
 */
export function objectFs(reader: ObjectReader, fresh?: NewObjects) {
  const stat = (path: string) => (path === gitdir ? Promise.resolve(folder) : Promise.reject(absent(path)));
  const promises = {
    readFile: async (path?: string): Promise<Uint8Array> => {
      const oid = oidOf(path);
      const found = oid === undefined ? undefined : (fresh?.get(oid) ?? (await reader.read(oid)));
      if (found === undefined) throw absent(path);
      const loose = Buffer.concat([Buffer.from(`${found.type} ${found.bytes.length}\0`), found.bytes]);
      return deflateSync(loose, { level: 0 });
    },
    writeFile: (path: string, bytes: Uint8Array): Promise<void> => {
      if (fresh === undefined || oidOf(path) === undefined) return refuse();
      const loose = inflateSync(bytes);
      const end = loose.indexOf(0);
      const type = loose.toString('latin1', 0, end).split(' ')[0] ?? '';
      if (!isType(type)) return refuse();
      fresh.add(type, loose.subarray(end + 1));
      return Promise.resolve();
    },
    readdir: (): Promise<string[]> => Promise.resolve([]),
    mkdir: (): Promise<void> => (fresh === undefined ? refuse() : Promise.resolve()),
    stat,
    lstat: stat,
    rmdir: refuse,
    unlink: refuse,
    readlink: refuse,
    symlink: refuse,
  };
  return { promises };
}

const folder = { isDirectory: () => true, isFile: () => false, isSymbolicLink: () => false };

function oidOf(path: string | undefined): string | undefined {
  const found = path === undefined ? null : looseName.exec(path);
  return found ? `${found[1]}${found[2]}` : undefined;
}

function absent(path: string | undefined): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}

function refuse(): Promise<never> {
  return Promise.reject(
    Object.assign(new Error('EROFS: the archive is read-only for isomorphic-git'), { code: 'EROFS' }),
  );
}
