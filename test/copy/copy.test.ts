import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { writeAcceptance } from '../../lib/archive/acceptance.ts';
import { copyArchive, type CopyReport } from '../../lib/copy/copy.ts';
import { BackupError, isCode, type ErrorCode } from '../../lib/errors.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { mergePacks } from '../../lib/upkeep/maintain/merge-packs.ts';
import { fold } from '../../lib/upkeep/retain/fold.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { commitNext, countedNames, newArchive } from '../archive/archive.ts';
import { fsck } from '../support/stores/copies.ts';
import { watched, type Call } from '../support/stores/counting.ts';
import { faulty } from '../support/stores/faulty.ts';
import { item, retention, Years } from '../upkeep/retain/years.ts';
import { smallArchive } from '../upkeep/small-archive.ts';

/** A copy is cut at, or joined by a run at, every call of the target in the long mode; the suite takes a sample. */
const every = process.env['LONG'] === undefined ? 11 : 1;
const archive = smallArchive();
before(async () => {
  // A restore is taken back by its journal, from a copy as well.
  for (const name of ['plan', 'journal/000001'])
    await archive.store.put(`ago-backup/restores/0190f3f1-0000-7000-8000-000000000000/${name}.json`, Buffer.from('{}'));
});

const here = { id: 'here', name: 'this machine', isGone: (_id: string) => Promise.resolve(false) };
const empty = () => new MemoryStore({ clock: archive.clock });

type Around = <T>(call: Call, run: () => Promise<T>) => Promise<T>;
const plain: Around = (_call, run) => run();
/** Under an address of its own, as two places have. */
const at = (store: BlobStore, address: string, around: Around = plain) => ({ ...watched(store, around), address });

async function copy(from: BlobStore, to: BlobStore, around: Around = plain, host = here): Promise<CopyReport> {
  const parts = {
    clock: archive.clock,
    host: () => Promise.resolve(host),
    expect: () => undefined,
    tell: () => undefined,
  };
  return copyArchive(at(from, 'memory:from'), at(to, 'memory:to', around), parts);
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (error instanceof BackupError ? error.code : assert.fail(String(error))),
  );
}

const text = async (store: BlobStore, name: string) => (await store.get(name))?.bytes.toString();
const branchOf = (store: BlobStore) => text(store, 'refs/heads/main');
const namesOf = (store: BlobStore, prefix = '') => Array.fromAsync(store.list(prefix), ({ name }) => name);

/** Are both, blob by blob, one archive? What only runs need meanwhile, and what is made again, apart. */
async function assertSame(from: BlobStore, to: BlobStore): Promise<void> {
  const isMeant = (name: string) => !/^ago-backup\/(index\/|running|runs\/[^/]+\/)/.test(name);
  const names = (await namesOf(from)).filter(isMeant);
  assert.deepEqual((await namesOf(to)).filter(isMeant), names);
  for (const name of names)
    assert.ok((await to.get(name))?.bytes.equals((await from.get(name))?.bytes ?? Buffer.of()), name);
}

test('a copy into an empty place is the archive, whole, and the next one has nothing to do', async (t) => {
  const to = empty();
  const report = await copy(archive.store, to);
  assert.deepEqual([report.before, report.damaged], [null, []]);
  assert.ok(report.packs === 3 && report.large > 1 && report.bytes > 1000);
  await assertSame(archive.store, to);
  assert.equal(await fsck(t, to), 3);
  assert.deepEqual((await verify(to, { from: 0, to: 1 })).findings, []);
  const writes: string[] = [];
  const again = await copy(archive.store, to, (call, run) => {
    if (!/^(get|stat|list|stream)$/.test(call.verb)) writes.push(`${call.verb} ${call.name}`);
    return run();
  });
  assert.deepEqual([again.packs, again.large, again.bytes, again.before], [0, 0, 0, report.commit]);
  assert.deepEqual(
    writes.filter((each) => !/copying|^create/.test(each)),
    [],
  );
});

test('a dry run says the same, and writes nothing', async () => {
  const to = empty();
  const parts = {
    clock: archive.clock,
    host: () => Promise.resolve(here),
    expect: () => undefined,
    tell: () => undefined,
  };
  const would = await copyArchive(at(archive.store, 'memory:from'), at(to, 'memory:to'), { ...parts, dryRun: true });
  assert.deepEqual(await namesOf(to), []);
  assert.deepEqual({ ...(await copy(archive.store, to)), dryRun: true }, would);
});

test('only what is new comes over, and nothing of what was merged meanwhile', async (t) => {
  const { store: from, repository } = await newArchive('source');
  const to = empty();
  for (let n = 0; n < 21; n++) await commitNext(from, repository, { [`f${n}`]: `${n}` }, `Commit ${n}`);
  assert.equal((await copy(from, to)).packs, 21);
  await commitNext(from, repository, { new: 'new' }, 'New');
  assert.equal((await copy(from, to)).packs, 1);
  assert.ok(await mergePacks(from, { random: countedNames('merge') }));
  const merged = await copy(from, to);
  assert.deepEqual([merged.packs, merged.bytes], [0, 0]);
  assert.equal(await fsck(t, to), 22);
});

test('a run on the copy goes on where the archive was, and fetches nothing again', async () => {
  const to = empty();
  await copy(archive.store, to);
  const record = await archive.run(to);
  assert.deepEqual([record.outcome, record.commit, record.changed, record.bytes], ['complete', null, 0, 0]);
});

test('a copy of an archive that was thinned out since follows it', async (t) => {
  const years = await Years.begin('2025-01-01');
  for (let n = 0; n < 4; n++) await years.night(item('map', `${n}`));
  const to = new MemoryStore({ clock: years.clock });
  await copy(years.store, to);
  years.goTo('2025-06-01');
  assert.equal(await fold(years.open(), retention(30)), 3);
  await copy(years.store, to);
  assert.equal(await branchOf(to), await branchOf(years.store));
  assert.equal(await fsck(t, to), 1);
  assert.deepEqual(await namesOf(to, 'ago-backup/folds/'), await namesOf(years.store, 'ago-backup/folds/'));
  assert.equal(await codeOf(copy(to, at(years.store, 'memory:back'))), undefined);
});

test('what is no earlier state of the archive is refused, and stays as it is', async () => {
  const other = await newArchive('other');
  await commitNext(other.store, other.repository, { a: 'a' }, 'Another');
  const ahead = empty();
  await copy(archive.store, ahead);
  await commitNext(ahead, archive.repository(ahead), { b: 'b' }, 'Ahead');
  const from = archive.store.snapshot();
  await commitNext(from, archive.repository(from), { c: 'c' }, 'Elsewhere');
  const foreign = empty();
  await foreign.put('photo.jpg', Buffer.from('x'));
  for (const [source, to, code, words] of [
    [archive.store, other.store, 'TARGET_TAKEN', /no commit in common/],
    [archive.store, ahead, 'TARGET_TAKEN', /is ahead of/],
    [from, ahead, 'TARGET_TAKEN', /added to both/],
    [archive.store, foreign, 'STORE_NOT_REPOSITORY', /photo\.jpg/],
    [empty(), empty(), 'STORE_NOT_REPOSITORY', /no archive that could be copied/],
  ] as const) {
    const before = await namesOf(to);
    const branch = await branchOf(to);
    await assert.rejects(copy(source, to), (error) => isCode(error, code) && words.test(error.message));
    assert.deepEqual([await namesOf(to), await branchOf(to)], [before, branch]);
  }
  const itself = copyArchive(archive.store, archive.store, {
    clock: archive.clock,
    host: () => Promise.resolve(here),
    expect: () => undefined,
    tell: () => undefined,
  });
  assert.equal(await codeOf(itself), 'USAGE');
});

const dead = new BackupError('STORE_UNREACHABLE', 'The process is dead.');
for (const when of ['before', 'after'] as const)
  test(`cut ${when} any call, the target is as before or whole, and the next copy makes it whole`, async (t) => {
    const older = empty();
    const { store: first, repository } = await newArchive('older', archive.store.snapshot());
    await copy(first, older);
    await commitNext(first, repository, { fresh: 'fresh' }, 'Fresh');
    const large = Buffer.from('a large file');
    await first.put('lfs/objects/' + nameOf(large), large);
    for (const begun of [empty(), older]) {
      const before = await branchOf(begun);
      for (let n = 0, isOver = false; !isOver; n += every) {
        const to = begun.snapshot();
        let calls = 0;
        let isDead = false;
        const dying: Around = async (_call, run) => {
          if (isDead) throw dead;
          if (calls++ !== n) return run();
          isDead = true;
          if (when === 'after') await run();
          throw dead;
        };
        const code = await codeOf(copy(first, to, dying));
        isOver = !isDead;
        assert.equal(code === undefined || code === 'STORE_UNREACHABLE', true);
        const now = await branchOf(to);
        if (now !== before) assert.equal(now, await branchOf(first), `call ${n}`);
        if (now !== undefined) assert.equal(await fsck(t, to), now === before ? 3 : 4, `call ${n}`);
        archive.clock.advance(3_600_000);
        await copy(first, to);
        await assertSame(first, to);
      }
    }
  });

test('what is damaged in the archive is never copied silently', async () => {
  const names = await namesOf(archive.store);
  const flip = async (store: BlobStore, name: string) => {
    const bytes = Buffer.from((await store.get(name))?.bytes ?? '');
    const place = bytes.length >> 1;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await store.put(name, bytes);
  };
  for (const name of names.filter((each) => /^objects\/pack|^lfs|runs\/[^/]+json$|^ago-backup\/history/.test(each))) {
    const [from, to] = [archive.store.snapshot(), empty()];
    await (name.endsWith('.json') ? from.put(name, Buffer.from('{}')) : flip(from, name));
    if (name.startsWith('objects/')) {
      assert.equal(await codeOf(copy(from, to)), 'STORE_DAMAGED', name);
      assert.equal(await branchOf(to), undefined, name);
    } else {
      const { damaged } = await copy(from, to);
      // The history index is made again from the commits.
      assert.deepEqual(damaged, name.startsWith('ago-backup/history') ? [] : [name]);
      assert.equal(await to.stat(name), undefined, name);
      assert.equal(await branchOf(to), await branchOf(from), name);
    }
  }
});

test('a loss that is accepted comes over as it is, and stays accepted; taken back, it is taken back in the copy', async () => {
  const from = archive.store.snapshot();
  const name = (await namesOf(from, 'lfs/'))[0] ?? assert.fail();
  await from.put(name, Buffer.from('something else'));
  const object = name.slice(-64);
  const loss = {
    code: 'STORE_DAMAGED',
    object,
    state: 'is x',
    what: 'It is damaged.',
    reason: 'old',
    since: '2026-11-23',
  };
  await writeAcceptance(from, loss);
  const to = empty();
  const report = await copy(from, to);
  assert.deepEqual([report.damaged, report.accepted], [[], [name]]);
  await assertSame(from, to);
  await from.delete(`ago-backup/accepted/${object}.json`);
  await copy(from, to);
  assert.deepEqual(await namesOf(to, 'ago-backup/accepted/'), []);
});

test('a run that publishes, or merges and takes away packs, at any call of the copy costs nothing', async (t) => {
  let calls = 0;
  const { store: base, repository } = await newArchive('busy');
  for (let n = 0; n < 21; n++) await commitNext(base, repository, { [`f${n}`]: `${n}` }, `Commit ${n}`);
  const snapshot = () => (base as MemoryStore).snapshot();
  const joined = (store: BlobStore, n: number): Around => {
    calls = 0;
    return async (_call, run) => {
      if (calls++ === n) {
        await commitNext(store, archive.repository(store), { late: 'late' }, 'Late');
        const old = await namesOf(store, 'objects/pack/');
        await mergePacks(store, { random: countedNames(`busy ${n}`) });
        const listed = await text(store, 'objects/info/packs');
        for (const name of old) if (listed?.includes(name.slice(13, 58)) !== true) await store.delete(name);
      }
      return run();
    };
  };
  for (let n = 0; n < calls || n === 0; n += every * (every === 1 ? 1 : 3)) {
    const [from, to] = [snapshot(), empty()];
    const parts = {
      clock: archive.clock,
      host: () => Promise.resolve(here),
      expect: () => undefined,
      tell: () => undefined,
    };
    await copyArchive(at(from, 'memory:from', joined(from, n)), at(to, 'memory:to'), parts);
    assert.ok([21, 22].includes(await fsck(t, to)), `call ${n}`);
    await copy(from, to);
    assert.equal(await branchOf(to), await branchOf(from));
  }
});

test('a body that breaks off is begun anew, and what a store says of a trouble that passes is no end', async () => {
  const to = empty();
  let hits = 0;
  const weak = faulty(archive.store, ({ verb }) => (verb === 'stream' && hits++ % 2 === 0 ? 'halfway' : undefined));
  let told = 0;
  await copyArchive(at(weak, 'memory:from'), at(to, 'memory:to'), {
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    host: () => Promise.resolve(here),
    expect: () => undefined,
    tell: (bytes) => (told += bytes),
  });
  await assertSame(archive.store, to);
  assert.ok(told > 0);
});

test('two copies into one place do not do the work twice; one that died is no hindrance', async () => {
  const to = empty();
  const held = { host: 'there', where: 'another machine', started: 0, heard: archive.clock.now() };
  await to.put('ago-backup/copying.json', Buffer.from(JSON.stringify(held)));
  await assert.rejects(copy(archive.store, to), /under way since 1970-01-01 00:00 UTC on another machine/);
  assert.equal(await branchOf(to), undefined);
  await copy(archive.store, to, plain, { ...here, isGone: (id) => Promise.resolve(id === 'there') });
  await assertSame(archive.store, to);
  assert.deepEqual(await namesOf(to, 'ago-backup/copying'), []);
});

function nameOf(bytes: Buffer): string {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
