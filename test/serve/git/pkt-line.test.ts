import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mark, mostBytes, packet, readPackets } from '../../../lib/serve/git/pkt-line.ts';

const env = { ...process.env, GIT_PROTOCOL: 'version=2' };

test("git's own server understands our packets, and we understand its answer", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pkt-line-'));
  t.after(() => rmSync(folder, { recursive: true }));
  execFileSync('git', ['init', '-q', '-b', 'main', folder]);
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  execFileSync('git', [...who, '-C', folder, 'commit', '-q', '--allow-empty', '-m', 'first']);
  const head = execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD']).toString().trim();
  const input = Buffer.concat([
    ...[packet('command=ls-refs\n'), packet('object-format=sha1'), mark('delim')],
    ...[packet('symrefs\n'), packet('ref-prefix HEAD\n'), mark('flush')],
  ]);
  const answer = execFileSync('git', ['upload-pack', '--stateless-rpc', folder], { env, input });
  assert.deepEqual(readPackets(answer)?.map(String), [`${head} HEAD symref-target:refs/heads/main\n`, 'flush']);
});

test('the longest packet is read as it was made, and a longer one is not made', () => {
  const most = Buffer.alloc(mostBytes, 7);
  assert.deepEqual(readPackets(Buffer.concat([packet(most), packet(''), mark('end')])), [most, Buffer.alloc(0), 'end']);
  assert.throws(() => packet(Buffer.alloc(mostBytes + 1)), RangeError);
});

for (const [name, message] of [
  ['is cut in its length', '00'],
  ['is cut in its bytes', '0009done'],
  ['has an impossible length', '0003'],
  ['is longer than a packet may be', `fff1${'x'.repeat(65_517)}`],
  ['has no length', 'GET / HTTP/1.1'],
  ['has a sign for a digit', '-005a'],
] as const) {
  test(`a message that ${name} is none`, () => {
    assert.ok(readPackets(Buffer.from(message)) === undefined);
  });
}
