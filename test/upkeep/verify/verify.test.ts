import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareOf } from '../../../lib/upkeep/verify/large.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { soundness, verdictLines } from '../../../lib/upkeep/verify/report.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { addOrphan, damages } from '../damages.ts';
import { smallArchive } from '../small-archive.ts';

const everything = { from: 0, to: 1 };
const archive = smallArchive();

test('an archive of three runs is sound, every Git LFS object read, those of older commits too', async () => {
  const { findings, commits, items, read, orphans } = await verify(archive.store, everything);
  assert.deepEqual(findings, []);
  assert.deepEqual([commits, items, orphans], [3, 4, { count: 0, bytes: 0 }]);
  assert.equal(read, (await Array.fromAsync(archive.store.list('lfs/'))).length);
});

for (const { name, spoil, kind, what } of damages) {
  test(`${name} is found, with its cure`, async () => {
    const store = archive.store.snapshot();
    await spoil(store, archive);
    const { findings } = await verify(store, everything);
    const found = findings.find((finding) => what.test(finding.what));
    assert.ok(found, findings.map((finding) => finding.what).join('\n'));
    assert.equal(found.kind, kind);
    assert.match(found.cure, /\.$/);
    if (kind === 'notice') assert.ok(findings.every((finding) => finding.kind === 'notice'));
  });
}

test('a Git LFS object that no commit names is counted, and is no finding', async () => {
  const store = archive.store.snapshot();
  await addOrphan(store);
  const { findings, orphans } = await verify(store, everything);
  assert.deepEqual([findings, orphans], [[], { count: 1, bytes: 20 }]);
});

test('a store that lost everything is told in a bounded number of findings', async () => {
  const store = archive.store.snapshot();
  for await (const { name } of store.list('objects/')) await store.delete(name);
  for await (const { name } of store.list('lfs/')) await store.delete(name);
  const { findings, commit } = await verify(store, everything);
  assert.equal(commit, null);
  assert.ok(findings.length < 20);
});

test('an archive without a commit is not called sound: empty while no run made one, damaged once a run did', async () => {
  const empty = new MemoryStore({ clock: archive.clock });
  await archive.repository(empty).prepare();
  const verdict = await verify(empty, everything);
  assert.equal(soundness(verdict), 'untidy');
  assert.match(verdictLines(verdict).join('\n'), /nothing is backed up here yet[^]*\nThe archive is empty\.$/);

  const lost = archive.store.snapshot();
  for (const prefix of ['objects/', 'refs/', 'info/'])
    for await (const { name } of lost.list(prefix)) await lost.delete(name);
  const { findings } = await verify(lost, everything);
  assert.equal(soundness({ findings }), 'damaged');
});

test('a cure that many findings have is read once, under the last of them, also when others lie between', () => {
  const finding = (what: string, cure: string) => ({ kind: 'damage' as const, what, cure });
  const findings = [...Array.from({ length: 60 }, (_, n) => finding(`Blob ${n} is missing.`, 'Copy it back.'))];
  const nothing = { commit: null, commits: 0, trees: 0, files: 0, items: 0, parts: 0, read: 0, readBytes: 0 };
  const text = verdictLines({ ...nothing, findings, more: 0, accepted: [], orphans: { count: 0, bytes: 0 } }).join(
    '\n',
  );
  assert.equal(text.match(/Copy it back/g)?.length, 1);
  const mixed = Array.from({ length: 20 }, (_, n) => finding(`Blob ${n} is missing.`, n % 2 === 0 ? 'Even.' : 'Odd.'));
  const both = verdictLines({ ...nothing, findings: mixed, more: 0, accepted: [], orphans: { count: 0, bytes: 0 } });
  assert.deepEqual(
    both.filter((line) => /(Even|Odd)\.$/.test(line)).map((line) => line.trim()),
    ['Even.', 'Odd.'],
  );
  assert.match(text, /Blob 49 is missing\.\n +Copy it back\.\nand 10 more/);
});

test('a share rotates so that all is read in turn', () => {
  const shares = Array.from({ length: 20 }, (_, n) => shareOf(5, n));
  assert.deepEqual(
    [...new Set(shares.map(({ from }) => Math.round(from * 20)))].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.deepEqual(shareOf(100, 0), everything);
  assert.deepEqual(shareOf(0, 0), { from: 0, to: 0 });
});
