import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { refuseVanished } from '../lib/archive/last-archive.ts';
import { runActive } from '../lib/archive/runs/run-holder.ts';
import { cures, type BackupError } from '../lib/errors.ts';
import { MemoryStore } from '../lib/storage/memory.ts';
import { verify } from '../lib/upkeep/verify/verify.ts';
import { StoppedClock } from './support/clock.ts';

const root = new URL('../', import.meta.url);

/** Commands that can be had over HTTP as well; the others are the only way there is. */
const both = /`ago-backup (?:run|doctor|ls|log|show|diff|get)\b/;
/** An option of the command. */
const option = /(?:^|[ `])--[a-z]/;
const overHttp = /\bHTTP\b|\b(?:GET|POST|DELETE) \/api\/|\bto \/api\/|\bSend \{|\bheader\b/;

/** Lines of ours that anybody may be told, with where they stand: not those of the command alone. */
async function told(): Promise<[string, string][]> {
  const lines: [string, string][] = [];
  for (const name of await readdir(new URL('lib/', root), { recursive: true })) {
    if (!name.endsWith('.ts') || /^(?:cli|host)\//.test(name)) continue;
    const text = await readFile(new URL(`lib/${name}`, root), 'utf8');
    for (const line of text.split('\n')) {
      if (/^\s*(?:\/?\*|\/\/)/.test(line)) continue;
      lines.push([name, line.replaceAll('\\`', '`')]);
    }
  }
  return lines;
}

test('who asks over HTTP is told no cure that only the command has, where both have it', async () => {
  const wrong = (await told()).filter(([, line]) => both.test(line) && !overHttp.test(line));
  // `getZip` says what to do instead of a zip, over HTTP first; a warning goes to pings and commits, whose readers have the command.
  assert.deepEqual(
    wrong.filter(([name, line]) => name !== 'backup/warnings.ts' && !line.includes('or fetch its parts one by one')),
    [],
  );
  assert.ok((await told()).some(([, line]) => both.test(line)));
});

test('who uses the command is told no cure that only HTTP has', async () => {
  const ways = /\b(?:GET|POST|DELETE) (?:\/api\/|\{)/;
  // Only HTTP answers with what these say.
  const shared = (await told()).filter(([name]) => !name.startsWith('api/'));
  assert.deepEqual(
    shared.filter(([, line]) => ways.test(line) && !line.includes('`ago-backup ')),
    [],
  );
});

for (const [code, cure] of Object.entries(cures)) {
  test(`the cure of ${code} holds for every caller and wherever the archive lies`, () => {
    // Only `get` writes files, and nothing else can be told to overwrite.
    if (option.test(cure) && code !== 'TARGET_TAKEN') assert.match(cure, overHttp);
    // Only a container can be missing: a directory is made.
    if (/container|storage account|\bblob\b/i.test(cure) && code !== 'STORE_MISSING')
      assert.match(cure, /\bin Azure\b|\bon a container\b/);
  });
}

test('an archive that vanished is looked for where it lay: on a disk, or in a container', async () => {
  const hintFor = async (address: string) => {
    const last = { address, commit: null, runId: 'r', at: 0 };
    const note = { read: () => Promise.resolve(last), write: () => Promise.resolve() };
    return refuseVanished(note, address).then(
      () => assert.fail('It was not missed.'),
      (error: unknown) => (error as BackupError).hint,
    );
  };
  const onDisk = await hintFor('file:/mnt/backup.git');
  assert.match(onDisk, /disk is mounted/);
  assert.doesNotMatch(onDisk, /container/);
  const inAzure = await hintFor('https://account.blob.core.windows.net/archive');
  assert.match(inAzure, /container can be undeleted/);
  assert.doesNotMatch(inAzure, /disk/);
  for (const hint of [onDisk, inAzure]) assert.match(hint, /--new-archive.*"newArchive"/);
});

for (const [address, right, wrong] of [
  ['file:/mnt/backup.git', /[Mm]ount/, /container/],
  ['https://account.blob.core.windows.net/archive', /[Uu]ndelete the container/, /[Mm]ount/],
] as const) {
  test(`a verification that finds no archive in ${address} gives the cure for that place`, async () => {
    const store = Object.assign(new MemoryStore({ clock: new StoppedClock() }), { address });
    const [finding] = (await verify(store, { from: 0, to: 1 })).findings;
    assert.match(finding?.cure ?? '', right);
    assert.doesNotMatch(finding?.cure ?? '', wrong);
  });
}

test('a run of another host can be ended by whoever is told of it, with the command or over HTTP', () => {
  const held = { runId: 'r1', started: 0, host: 'h', where: 'laptop', heard: 0 };
  assert.match(runActive(held, 3_600_000).hint, /Ctrl-C.*DELETE \/api\/backups\/r1/);
});
