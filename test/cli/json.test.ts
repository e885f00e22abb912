import assert from 'node:assert/strict';
import { Command } from 'commander';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { declareHistory } from '../../lib/cli/commands/history.ts';
import { declarePlaces } from '../../lib/cli/commands/places.ts';
import { declareRestore } from '../../lib/cli/commands/restore.ts';
import { declareRuns } from '../../lib/cli/commands/runs.ts';
import { declareUpkeep } from '../../lib/cli/commands/upkeep.ts';
import { temporaryFolder } from '../git/stock-git.ts';
import { command, start } from '../support/command.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal, type SimulatedPortal } from '../support/portal/portal.ts';

/** What is asked, how it ends, and the code of its failure or a key of its result. */
type Case = [args: string, status: number, says: string];

const nothing = '--store file:./nothing.git';
const all: Record<string, Case[]> = {
  run: [
    ['run --dry-run', 0, 'changes'],
    ['run --item map', 2, 'USAGE'],
    ['run --everything', 2, 'USAGE'],
    ['run --store ', 2, 'USAGE'],
  ],
  serve: [
    ['serve --port seven', 2, 'USAGE'],
    ['serve --port 0 --key', 2, 'USAGE'],
  ],
  doctor: [['doctor', 0, 'checks']],
  verify: [
    ['verify', 0, 'findings'],
    [`verify ${nothing}`, 1, 'findings'],
    ['verify --read-data', 2, 'USAGE'],
    ['verify --store ', 2, 'USAGE'],
  ],
  repair: [['repair --dry-run', 0, 'plan']],
  accept: [
    [`accept --list ${nothing}`, 1, 'STORE_NOT_REPOSITORY'],
    ['accept --revoke 1', 2, 'USAGE'],
  ],
  maintain: [['maintain --dry-run', 0, 'merge']],
  hold: [
    ['hold', 0, 'hold'],
    [`hold --reason x ${nothing}`, 1, 'STORE_NOT_REPOSITORY'],
  ],
  'take-over': [['take-over . --dry-run', 1, 'TAKEOVER_REFUSED']],
  copy: [
    ['copy backup.git copy.git --dry-run', 0, 'packs'],
    ['copy nothing.git copy.git', 1, 'STORE_NOT_REPOSITORY'],
  ],
  log: [
    ['log', 0, 'commits'],
    ['log Map', 2, 'ITEM_AMBIGUOUS'],
  ],
  ls: [
    [`ls ${nothing}`, 1, 'STORE_NOT_REPOSITORY'],
    ['ls --at 2001-01-01', 1, 'VERSION_UNKNOWN'],
  ],
  show: [['show Nowhere', 1, 'ITEM_UNKNOWN']],
  diff: [['diff 1 2 3 4', 2, 'USAGE']],
  get: [
    ['get --all --zip -', 2, 'USAGE'],
    ['get --all --to .', 2, 'TARGET_TAKEN'],
  ],
  restore: [['restore --all --dry-run', 2, 'RESTORE_ACCOUNT']],
};

/** What names no command that there is. */
const misuses: Case[] = [
  ['', 2, 'USAGE'],
  ['backup', 2, 'USAGE'],
];

let folder: string;
let portal: SimulatedPortal;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ago-json-'));
  const org = new Organization();
  for (let n = 0; n < 2; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n } });
  portal = await startPortal({ org });
  assert.equal((await command(['run'], portal.env, folder)).status, 0);
});
after(async () => {
  await portal.close();
  await rm(folder, { recursive: true, force: true });
});

test('the table knows every command', () => {
  const program = new Command();
  for (const declare of [declareRuns, declareUpkeep, declarePlaces, declareHistory, declareRestore]) declare(program);
  assert.deepEqual(
    program.commands.map((each) => each.name()),
    Object.keys(all),
  );
  for (const each of program.commands)
    assert.ok(
      each.options.some(({ long }) => long === '--json'),
      each.name(),
    );
});

for (const [args, status, says] of [...Object.values(all).flat(), ...misuses]) {
  test(`ago-backup ${args} --json: one document on standard output, with ${says}, and ${status}`, async () => {
    const before = await readdir(folder);
    const words = args === '' ? [] : args.split(' ');
    const ended = await command([...words, '--json'], portal.env, folder);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stdout, /^[^\n]+\n$/);
    const document = JSON.parse(ended.stdout) as { error?: { code: string; message: string; hint: string } };
    if (!/^[A-Z]/.test(says)) assert.ok(says in document, ended.stdout);
    else assert.deepEqual(document, { error: { ...document.error, code: says } });
    if (document.error) assert.match(`${document.error.message}|${document.error.hint}`, /^[^|\n]+\|[^|\n]+\.$/);
    assert.doesNotMatch(ended.stderr, /\n\s+at |Warning:|undefined|\[object/);
    assert.notEqual(status !== 0 && ended.stderr, '');
    assert.deepEqual(await readdir(folder), before, 'something was written');
  });
}

test('settings that cannot be read are one document, too', async (t) => {
  const empty = await temporaryFolder(t);
  await writeFile(join(empty, 'local.settings.json'), '{"Values": ');
  const { status, stdout } = await command(['ls', '--json'], {}, empty);
  assert.deepEqual([status, (JSON.parse(stdout) as { error: { code: string } }).error.code], [2, 'SETTINGS_INVALID']);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a command that ${signal} ends while it waits says so in its document, and ends with 130`, async (t) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const store = `http://127.0.0.1:${port}/devstoreaccount1/archive`;
    const { child, output } = start(['ls', '--json', '--store', store], {}, folder);
    const closed = once(child, 'close');
    const [connection] = (await once(silent, 'connection')) as [Socket];
    t.after(() => connection.destroy());
    child.kill(signal);
    assert.deepEqual(await closed, [130, null], output.stderr);
    const { error } = JSON.parse(output.stdout) as { error: { code: string } };
    assert.equal(error.code, 'INTERRUPTED');
    assert.match(output.stderr, new RegExp(`^INTERRUPTED: The command was ended \\(${signal}\\)`));
  });
}

test('serve says in one document where it listens, and ends in order', async () => {
  const { child, output } = start(['serve', '--json', '--port', '0'], portal.env, folder);
  const closed = once(child, 'close');
  while (!output.stdout.includes('\n')) await Promise.race([once(child.stdout, 'data'), closed]);
  const { url, clone, store, nextRun } = JSON.parse(output.stdout) as Record<string, string>;
  assert.equal((await fetch(url ?? '')).status, 200);
  assert.deepEqual([clone, store], [`${url}archive.git`, 'file:./backup.git']);
  assert.match(nextRun ?? '', /T02:00:00\.000Z$/);
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
  assert.match(output.stdout, /^[^\n]+\n$/);
});
