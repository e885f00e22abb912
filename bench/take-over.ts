import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Organization } from '../test/support/portal/organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';

/**
 * Taking over an old archive of so many gigabytes: one file of 2.2 (of less where it is small), others of 64 MB, the older half in a pack and the newer loose, and a table of
 * 200 MB in three versions, of which git makes deltas. Against a plain copy of what it writes. `bench/take-over.ts [GB] [folder]`
 */
const [gigabytes = '4', parent = tmpdir()] = process.argv.slice(2);
const megabyte = 1024 ** 2;
/** MiB */
const mostMemory = 400;
const largest = Math.min(2200, Math.round(Number(gigabytes) * 550));
const usual = 64;
const tableRows = 200 * 1024;

const folder = mkdtempSync(join(parent, 'ago-take-over-'));
const old = join(folder, 'Content');
const git = (...args: string[]) => execFileSync('git', ['-C', old, ...args], { stdio: 'pipe' });
const org = new Organization();
org.addMember('ana');
const piece = randomBytes(megabyte);

/** An item as the old script keeps it, and as the portal lists it. */
function add(type: string, title: string, name: string, write: (path: string) => number): void {
  const record = org.addItem({ owner: 'ana', type, title, name, data: '' }).record;
  const directory = join(old, 'Users/ana/None', type, title);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'timestamp.txt'), String(record.modified));
  record.size = write(join(directory, name));
}

/** A file that cannot be made smaller. */
function incompressible(megabytes: number) {
  return (path: string) => {
    const file = openSync(path, 'w');
    for (let n = 0; n < megabytes; n++) {
      piece.write(`${path} ${n}`);
      writeSync(file, piece);
    }
    closeSync(file);
    return megabytes * megabyte;
  };
}

/** Rows of a kilobyte, of which a few are other ones in each version. */
function table(version: number) {
  return (path: string) => {
    const file = openSync(path, 'w');
    for (let row = 0; row < tableRows; row++)
      writeSync(file, `${row % 1000 === version ? 'edited' : 'row'},${row},${'x'.repeat(1000)}\n`);
    closeSync(file);
    return statSync(path).size;
  };
}

function commit(): void {
  git('add', '--all');
  git('-c', 'user.name=old', '-c', 'user.email=old@example.com', 'commit', '--quiet', '-m', 'automatic commit');
}

mkdirSync(old, { recursive: true });
git('init', '--quiet', '-b', 'master');
git('config', 'core.compression', '0');
const files = Math.max(2, Math.ceil((Number(gigabytes) * 1024 - largest) / usual));
add('File Geodatabase', 'Largest', 'largest.zip', incompressible(largest));
for (let n = 0; n < files / 2; n++) add('File Geodatabase', `Old ${n}`, `old${n}.zip`, incompressible(usual));
for (let version = 0; version < 3; version++) {
  const path = join(old, 'Users/ana/None/CSV/Readings');
  mkdirSync(path, { recursive: true });
  if (version === 2) add('CSV', 'Readings', 'readings.csv', table(version));
  else table(version)(join(path, 'readings.csv'));
  commit();
}
git('repack', '-a', '-d', '-q', '--window=3');
for (let n = 0; n < files / 2; n++) add('File Geodatabase', `New ${n}`, `new${n}.zip`, incompressible(usual));
commit();
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
const copying = performance.now();
execFileSync('cp', ['-r', join(folder, 'backup.git'), join(folder, 'copy.git')]);
execFileSync('sync');
const copied = (performance.now() - copying) / 1000;
const bytes = Number(
  execFileSync('du', ['-sb', join(folder, 'backup.git')])
    .toString()
    .split('\t')[0],
);
console.log(
  `${takenOver.length} items taken over, ${fetched.length} to fetch; ${(bytes / 1e9).toFixed(1)} GB written in ${seconds.toFixed(0)} s, ` +
    `CPU ${Number(cpu).toFixed(0)} s; a plain copy of them ${copied.toFixed(0)} s; ${(seconds / copied).toFixed(2)} of its time; peak ${peak} MiB`,
);
if (Number(peak) > mostMemory || fetched.length > 0) process.exitCode = 1;
await portal.close();
rmSync(folder, { recursive: true, force: true });
