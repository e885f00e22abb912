import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { deflateSync } from 'node:zlib';
import { mostInMemory } from '../../lib/takeover/old-objects.ts';
import { git } from '../git/stock-git.ts';
import { Organization } from './portal/organization.ts';
import type { PortalItem } from './portal/words.ts';

/** What a commit changes: a file's bytes by its path; null where it goes; or an entry of another kind. */
export type Change = Record<string, string | Buffer | null | Entry>;

/** An entry that is no file: its mode, and what a link names or of which commit a repository is. */
export interface Entry {
  mode: '120000' | '160000';
  content: string;
}

/**
 * Makes a bare repository of these commits, a night apart, or puts them on top of one; with two processes of git, whatever their
 * number.
 * @param from epoch ms of the first
 */
export async function importCommits(
  folder: string,
  commits: readonly Change[],
  from = 1_700_000_000_000,
): Promise<string> {
  const isThere = existsSync(folder);
  if (!isThere) await git('/', 'init', '--quiet', '--bare', '-b', 'master', folder);
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] });
  const errors = text(child.stderr);
  for (const [n, change] of commits.entries()) {
    const who = `<old@localhost> ${Math.ceil(from / 1000) + n * 86_400} +0000`;
    child.stdin.write(`commit refs/heads/master\ncommitter old ${who}\ndata <<.\nautomatic commit\n.\n`);
    if (isThere && n === 0) child.stdin.write('from refs/heads/master^0\n');
    for (const [path, content] of Object.entries(change)) child.stdin.write(lineOf(path, content));
    child.stdin.write('\n');
  }
  child.stdin.end('done\n');
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(await errors);
  return folder;
}

/** An entry of a tree that no git makes, and some program did. */
export interface RawEntry {
  mode: string;
  name: string | Buffer;
  oid: string;
}

/** Writes a loose object as it is, whatever git thinks of it; its id. @param content of a tree its entries */
export async function writeRaw(
  folder: string,
  type: 'tree' | 'commit' | 'blob',
  content: Buffer | readonly RawEntry[],
): Promise<string> {
  const bytes = Buffer.isBuffer(content) ? content : rawTree(content);
  const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
  const oid = createHash('sha1').update(whole).digest('hex');
  await mkdir(join(folder, 'objects', oid.slice(0, 2)), { recursive: true });
  await writeFile(join(folder, 'objects', oid.slice(0, 2), oid.slice(2)), deflateSync(whole));
  return oid;
}

/** Sorted as git wants it: a folder's name as if it ended in a slash. */
function rawTree(entries: readonly RawEntry[]): Buffer {
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.concat([Buffer.from(entry.name), Buffer.from(entry.mode === '40000' ? '/' : '')]),
  }));
  const sorted = keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ entry: { mode, name, oid } }) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.of(0),
      Buffer.from(oid, 'hex'),
    ]),
  );
}

/** A small organization, and what the old script has of it. */
export interface SmallArchive {
  /** a bare repository: a pack of the first night, loose objects of the second, one of them copied as it is */
  old: string;
  org: Organization;
  /** titles of what can be taken over */
  titles: string[];
}

/** Makes one, always the same, with a few processes of git. @param largest bytes of the largest file */
export async function smallArchive(folder: string, largest = mostInMemory + 1024 * 1024): Promise<SmallArchive> {
  const org = new Organization();
  org.addMember('ana');
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Base: map', data: '{"layers":[]}' });
  const plan = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', name: 'plan.pdf', data: '%PDF-1.7\n%%EOF\n' });
  const rows = randomRows(largest);
  const large = org.addItem({ owner: 'ana', type: 'CSV', title: 'Readings', name: 'readings.csv', data: rows });
  const wells = org.addService({ owner: 'ana', title: 'Wells', layers: ['Wells'] });
  const edited = org.addItem({ owner: 'ana', type: 'PDF', title: 'Edited', name: 'edited.pdf', data: '%PDF-1.7\n' });
  org.addItem({ owner: 'ana', type: 'PDF', title: 'New', name: 'new.pdf', data: '%PDF-1.7\nnew\n%%EOF\n' });
  const wanted = [map, plan, large, wells];
  const now = Object.assign({}, ...wanted.map((item) => directoryOf(org, item))) as Change;
  const before = directoryOf(org, plan, '%PDF-1.4\n', 1);
  const night = { ...before, ...directoryOf(org, edited), 'Users/ana/None/PDF/Gone/timestamp.txt': '1' };
  const old = await importCommits(join(folder, 'old.git'), [night], org.now);
  await git(old, 'repack', '-a', '-d', '-q');
  await git(old, 'config', 'core.compression', '0');
  await importCommits(old, [now], org.now + 86_400_000);
  org.editItem(edited.record.id, {});
  return { old, org, titles: wanted.map(({ record }) => record.title ?? '') };
}

/** A table as no program makes it smaller, the same each time. */
function randomRows(length: number): Buffer {
  const seed = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  return Buffer.from(seed.update(Buffer.alloc((length * 3) / 4)).toString('base64'));
}

/** An item's directory, as the old script makes it. */
function directoryOf(org: Organization, { record, service, data }: PortalItem, content?: string, ago = 0): Change {
  const title = record.title ?? '';
  const path = `Users/${record.owner}/None/${record.type}/${title.replace(/[/$:]/g, '-')}`;
  const edits = (service?.layers ?? []).flatMap(({ editingInfo }) => editingInfo?.lastEditDate ?? []);
  const exported = org.truth(record.id).export('File Geodatabase')?.bytes();
  return {
    [`${path}/timestamp.txt`]: [record.modified - ago, ...edits].join(','),
    [`${path}/metadata.xml`]: '{"error":{"code":400,"messageCode":"CONT_0036"}}',
    ...(data && { [`${path}/${record.name ?? title}`]: content ?? data.bytes() }),
    ...(exported && { [`${path}/${title}_SourceData_ForBackup.zip`]: exported }),
  };
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
