import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../git/stock-git.ts';
import { command, start } from '../support/command.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';

const evil =
  '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u009b31m\u202efdp\u2066\u061c\rBackup complete\n{"event":"run.completed"}\u2028x';
/** What no terminal should be sent, the line end apart. */
const commands = /[^\P{Cc}\n]|[\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** A portal that says such things wherever it says anything. */
async function hostilePortal(t: TestContext) {
  const org = new Organization();
  const portal = await startPortal({ org });
  t.after(() => portal.close());
  org.addMember(evil);
  org.addItem({ owner: evil, type: evil, title: evil, data: 'x' });
  const broken = org.addItem({ owner: evil, type: 'PDF', title: evil, data: 'x', name: 'x.pdf' });
  org.addGroup(evil);
  const error = { code: 400, messageCode: evil, message: evil, details: [evil] };
  portal.faults.add({ match: new RegExp(`${broken.record.id}/data`), times: Infinity, answer: { error } });
  portal.faults.add({ match: /self\/roles/, times: Infinity, answer: { error } });
  portal.faults.add({ match: /content\/groups/, times: Infinity, answer: { error } });
  return { portal, cwd: await temporaryFolder(t) };
}

test('a run shows what a hostile portal says, and nothing that a terminal obeys or a reader takes for our line', async (t) => {
  const { portal, cwd } = await hostilePortal(t);
  const { status, stderr, stdout } = await command(['run'], portal.env, cwd);
  assert.deepEqual([status, stdout], [3, '']);
  assert.doesNotMatch(stderr, commands);
  assert.match(stderr, /^Backup partial: /);
  for (const line of stderr.trimEnd().split('\n'))
    assert.match(line, /^(Backup partial: |\d+ items? of |Commit |! | {2}\S)/);
  assert.equal(stderr.match(/^! /gm)?.length, 3);
  for (const args of [
    ['run', '--json'],
    ['verify', '--json'],
    ['maintain', '--json', '--dry-run'],
  ]) {
    const document = await command(args, portal.env, cwd);
    assert.doesNotMatch(document.stdout + document.stderr, commands, args.join(' '));
    assert.ok(JSON.parse(document.stdout));
  }
  const logged = await command(['run', '--log'], portal.env, cwd);
  assert.doesNotMatch(logged.stderr, commands);
  assert.equal(logged.stderr.match(/^\{"event":"run.completed"/gm)?.length, 1);
});

test('the log of serve has a line for each thing that happened, whatever members are called', async (t) => {
  const { portal, cwd } = await hostilePortal(t);
  const { child, output } = start(['serve', '--port', '0'], portal.env, cwd);
  t.after(() => child.kill());
  while (!output.stderr.includes('/api/backups')) await once(child.stderr, 'data');
  const address = /http:\S+/.exec(output.stderr)?.[0] ?? '';
  const answer = await fetch(address, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 202);
  while (!/^\{"event":"run.completed"/m.test(output.stdout)) await once(child.stdout, 'data');
  const lines = output.stdout.trimEnd().split('\n');
  for (const line of lines) assert.ok('event' in (JSON.parse(line) as object));
  assert.equal(lines.filter((line) => line.startsWith('{"event":"run.completed"')).length, 1);
  assert.doesNotMatch(output.stdout + output.stderr, commands);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
});
