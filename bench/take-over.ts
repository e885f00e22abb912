import { execFile, execFileSync, spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Organization } from '../test/support/portal/organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';

/**
 * Taking over an old archive of so many gigabytes: one file of 2.2 (of less where it is small), others of 64 MB, the older half in a pack and the newer loose, and a table of
 * 200 MB in three versions, of which git makes deltas. Against a plain copy of what it writes, or, where both have no room, of its Git LFS
 * objects. `bench/take-over.ts [GB] [folder]`
 */
const [gigabytes = '4', parent = tmpdir()] = process.argv.slice(2);
const megabyte = 1024 ** 2;
/** MiB */
const mostMemory = 400;
const largest = Math.min(2200, Math.round(Number(gigabytes) * 550));
const usual = 64;
const tableRows = 200 * 1024;
/** GB above which disks like ours have no room for all of it. */
const mostCopied = 8;

const folder = mkdtempSync(join(parent, 'ago-take-over-'));
const old = join(folder, 'Content.git');
const org = new Organization();
org.addMember('ana');

/** A file of the old archive, a piece at a time. */
interface Content {
  size: number;
  pieces: () => Iterable<Uint8Array>;
}

/** A file that cannot be made smaller, alone or beside others. */
function incompressible(path: string, megabytes: number): Content {
  const key = createHash('md5').update(path).digest();
  const zeros = Buffer.alloc(megabyte);
  return {
    size: megabytes * megabyte,
    *pieces() {
      const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
      for (let n = 0; n < megabytes; n++) yield cipher.update(zeros);
    },
  };
}

/** Rows of a kilobyte, of which a few are other ones in each version. */
function table(version: number): Content {
  const rowOf = (row: number) => `${row % 1000 === version ? 'other' : 'value'},${row},${'x'.repeat(1000)}\n`;
  const pieceOf = (start: number) => Buffer.from(Array.from({ length: 1024 }, (_, n) => rowOf(start + n)).join(''));
  const starts = Array.from({ length: tableRows / 1024 }, (_, n) => n * 1024);
  return {
    size: starts.reduce((size, start) => size + pieceOf(start).length, 0),
    *pieces() {
      for (const start of starts) yield pieceOf(start);
    },
  };
}

const pathOf = (type: string, title: string, file: string) => `Users/ana/None/${type}/${title}/${file}`;

/** An item as the portal lists it, and its files as the old script keeps them. */
function add(type: string, title: string, name: string, content: Content): Record<string, Content> {
  const { record } = org.addItem({ owner: 'ana', type, title, name, data: '' });
  record.size = content.size;
  const stamp = Buffer.from(String(record.modified));
  const stamped = { size: stamp.length, pieces: () => [stamp] };
  return { [pathOf(type, title, 'timestamp.txt')]: stamped, [pathOf(type, title, name)]: content };
}

/** Commits on top of what there is. @param settings of git: what becomes deltas, and what stays a pack */
async function importAll(settings: readonly string[], commits: readonly Record<string, Content>[]): Promise<void> {
  const options = ['core.compression=0', ...settings].flatMap((each) => ['-c', each]);
  const child = spawn('git', [...options, 'fast-import', '--quiet'], {
    cwd: old,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const say = async (bytes: string | Uint8Array) => {
    if (!child.stdin.write(bytes)) await once(child.stdin, 'drain');
  };
  for (const files of commits) {
    await say(`commit refs/heads/master\ncommitter old <old@localhost> ${commitAt++} +0000\ndata 9\nautomatic\n`);
    if (commits[0] === files && isBegun) await say('from refs/heads/master^0\n');
    for (const [path, { size, pieces }] of Object.entries(files)) {
      await say(`M 100644 inline "${path}"\ndata ${size}\n`);
      for (const piece of pieces()) await say(piece);
      await say('\n');
    }
  }
  child.stdin.end('done\n');
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
  isBegun = true;
}
let isBegun = false;
let commitAt = Math.ceil(org.now / 1000) + 86_400;

execFileSync('git', ['init', '--quiet', '--bare', '-b', 'master', old]);
const csv = pathOf('CSV', 'Readings', 'readings.csv');
const readings = [{ [csv]: table(0) }, { [csv]: table(1) }, add('CSV', 'Readings', 'readings.csv', table(2))];
await importAll(['fastimport.unpackLimit=1'], readings);
const files = Math.max(2, Math.ceil((Number(gigabytes) * 1024 - largest) / usual));
const half = (name: string, titles: number) =>
  Array.from({ length: titles }, (_, n) =>
    add('File Geodatabase', `${name} ${n}`, `${name}${n}.zip`, incompressible(`${name} ${n}`, usual)),
  );
const older = [
  ...half('Older', Math.ceil(files / 2)),
  add('File Geodatabase', 'Largest', 'largest.zip', incompressible('largest', largest)),
];
await importAll(['fastimport.unpackLimit=1', 'core.bigFileThreshold=1m'], [Object.assign({}, ...older)]);
await importAll(['fastimport.unpackLimit=10000'], [Object.assign({}, ...half('Newer', Math.floor(files / 2)))]);
// What the plain copy reads may not be in memory either.
execFileSync('sync');

const portal = await startPortal({ org });
const main = fileURLToPath(new URL('../lib/cli/main.ts', import.meta.url));
const peakOf = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+Math.round(process.resourceUsage().maxRSS/1024)+' cpu '+process.cpuUsage().user/1e6))`;
const began = performance.now();
const { stdout, stderr } = await promisify(execFile)(
  process.execPath,
  ['--max-semi-space-size=8', '--import', peakOf, main, 'take-over', old, '--json'],
  { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...portal.env }, maxBuffer: 1024 ** 3 },
);
const seconds = (performance.now() - began) / 1000;
const { takenOver, fetched } = JSON.parse(stdout) as { takenOver: unknown[]; fetched: unknown[] };
const [, peak = '', cpu = ''] = /peak (\d+) cpu ([\d.]+)/.exec(stderr) ?? [];
await portal.close();
const bytesOf = (path: string) => Number(execFileSync('du', ['-sb', path]).toString().split('\t')[0]);
const written = bytesOf(join(folder, 'backup.git'));
const isWhole = Number(gigabytes) <= mostCopied;
if (!isWhole) rmSync(old, { recursive: true });
const from = join(folder, isWhole ? 'backup.git' : 'backup.git/lfs');
const copying = performance.now();
execFileSync('cp', ['-r', from, join(folder, 'copy')]);
execFileSync('sync');
const copied = (((performance.now() - copying) / 1000) * written) / bytesOf(from);
console.log(
  `${takenOver.length} items taken over, ${fetched.length} to fetch; ${(written / 1e9).toFixed(1)} GB written in ${seconds.toFixed(0)} s, ` +
    `CPU ${Number(cpu).toFixed(0)} s; a plain copy of them ${copied.toFixed(0)} s; ${(seconds / copied).toFixed(2)} of its time; peak ${peak} MiB`,
);
if (Number(peak) > mostMemory || fetched.length > 0) process.exitCode = 1;
rmSync(folder, { recursive: true, force: true });
