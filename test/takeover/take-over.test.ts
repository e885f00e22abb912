import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../../lib/clock.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { findPart, manifestOf } from '../../lib/history/item-files.ts';
import type { History } from '../../lib/history/history.ts';
import { updateIndex } from '../../lib/history/index/update.ts';
import { listItems } from '../../lib/history/list.ts';
import { readHistory } from '../../lib/history/read-history.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { takeOver } from '../../lib/takeover/take-over.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { cloneArchive } from '../support/archive.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { newBackup } from '../support/backup.ts';
import { cloneSemcog, semcogItems, semcogOrganization } from '../support/semcog.ts';

const execute = promisify(execFile);

/** A file of a commit, byte for byte. */
async function bytesAt(clone: string, name: string): Promise<Buffer> {
  return (await execute('git', ['-C', clone, 'show', name], { encoding: 'buffer', maxBuffer: 1024 ** 3 })).stdout;
}

const quiet = { say: () => undefined, tell: () => undefined };

async function genuine(t: TestContext) {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const backup = await newBackup(t, { org: await semcogOrganization(clone) });
  const { app } = await backup.open();
  const old = await openOldArchive(clone, systemClock);
  const take = (dryRun = false) => takeOver(app.deps, old, { dryRun, ...quiet });
  return { ...backup, clone, app, take };
}

/** What fsck finds in the old commits: one of them has a folder .gitmodules. */
const known = ['gitmodulesBlob'];

test('every file taken over is the portal’s byte for byte, and nothing that is not is taken as unchanged', async (t) => {
  const { take, store, clone } = await genuine(t);
  const report = await take();
  const truth = await semcogItems();
  const taken = new Set(report.takenOver.map(({ itemId }) => itemId));
  assert.deepEqual(
    [...taken].sort(),
    truth
      .filter(({ takeover }) => takeover === 'yes')
      .map(({ id }) => id)
      .sort(),
  );
  assert.equal(report.takenOver.length + report.fetched.length, truth.length);
  assert.ok(
    report.notices.some((text) => /^\d+ files metadata\.xml of the old archive hold an error message/.test(text)),
  );
  const archive = await cloneArchive(t, store, known);
  for (const { id, dir, dataFile, exportFile } of truth) {
    const held = archive.items.get(id);
    assert.equal(held !== undefined, taken.has(id), dir);
    for (const [role, file] of [
      ['data', dataFile],
      ['export', exportFile],
    ] as const) {
      const part = held?.manifest.parts.find((each) => each.role === role);
      if (held === undefined || file === null || file === undefined || file.startsWith('(')) continue;
      assert.ok(part, `${dir} lacks its ${role}`);
      const wanted = await bytesAt(clone, `HEAD:${dir}/${file}`);
      assert.ok((await archive.read(`${held.path}/${part.path}`)).equals(wanted), `${dir}/${file}`);
    }
  }
});

test('the old commits stay the ancestors of the new one, with their ids', async (t) => {
  const { take, store, clone } = await genuine(t);
  const { commit } = await take();
  assert.equal((await git(store, 'rev-parse', 'main')).trim(), commit);
  const old = (await git(clone, 'rev-list', 'HEAD')).trim();
  assert.equal((await git(store, 'rev-list', 'main~1')).trim(), old);
});

test('the first run afterwards fetches the data of those items only that the report names', async (t) => {
  const { take, store, run, portal, open } = await genuine(t);
  const report = await take();
  const before = portal.log.entries.length;
  const record = await run();
  const asked = portal.log.entries.slice(before).flatMap(({ path }) => /items\/(\w{32})\/data$/.exec(path)?.[1] ?? []);
  const taken = new Set(report.takenOver.map(({ itemId }) => itemId));
  assert.deepEqual(
    asked.filter((id) => taken.has(id)),
    [],
  );
  assert.equal(record.removed, 0);
  const archive = await cloneArchive(t, store, known);
  for (const { itemId, title } of report.takenOver) {
    // What the settings leave out stays as it was taken over.
    if (portal.org.item(itemId).record.tags.includes('ago_view')) continue;
    const { manifest } = archive.items.get(itemId) ?? assert.fail(title);
    assert.ok(
      manifest.parts.some(({ role }) => role === 'record'),
      `${title} has no record`,
    );
    assert.ok(!manifest.notes.some(({ code }) => code === 'TAKEN_OVER'), `${title} is still marked`);
  }
  assert.equal(record.outcome, 'complete');
  const { app } = await open();
  const { findings } = await verify(app.deps.store, { from: 0, to: 1 });
  assert.ok(findings.length > 0);
  for (const { kind, what } of findings) {
    assert.equal(kind, 'notice');
    assert.match(what, /Users\/alice\.lab\/None\/CSV\/\.gitmodules is a folder/);
  }
  const second = await run();
  assert.equal(second.commit, null);
});

test('what git on Windows made LF of is taken over with the line ends that the portal has; what has both kinds is fetched', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog'), '--no-local');
  const org = await semcogOrganization(clone);
  const texts: string[] = [];
  for (const { id, takeover, dir, dataFile } of await semcogItems()) {
    if (takeover !== 'yes' || dataFile?.endsWith('.csv') !== true) continue;
    texts.push(id);
    const text = (await bytesAt(clone, `HEAD:${dir}/${dataFile}`)).toString('latin1');
    const lf = text.replaceAll('\r\n', '\n');
    // The first keeps its first line end: git made nothing of that.
    await writeFile(join(clone, dir, dataFile), texts.length === 1 ? lf.replace('\n', '\r\n') : lf, 'latin1');
  }
  await git(clone, 'commit', '--quiet', '--all', '--message', 'On Windows');
  const [mixed = '', ...whole] = texts;
  assert.ok(whole.length >= 3, `${whole.length} texts`);
  const { open, store, portal } = await newBackup(t, { org });
  const { app } = await open();
  const report = await takeOver(app.deps, await openOldArchive(clone, systemClock), { dryRun: false, ...quiet });
  const taken = new Set(report.takenOver.map(({ itemId }) => itemId));
  assert.deepEqual([taken.has(mixed), whole.filter((id) => !taken.has(id))], [false, []]);
  const archive = await cloneArchive(t, store, known);
  for (const id of whole) {
    const { manifest, path } = archive.items.get(id) ?? assert.fail(id);
    const part = manifest.parts.find(({ role }) => role === 'data') ?? assert.fail(id);
    assert.ok(
      (await archive.read(`${path}/${part.path}`)).equals(portal.org.item(id).data?.bytes() ?? Buffer.of()),
      path,
    );
  }
});

test('a dry run says the same, and writes nothing', async (t) => {
  const { take, app } = await genuine(t);
  const { commit, ...planned } = await take(true);
  assert.equal(commit, null);
  assert.equal(await app.deps.repository.inspect(), 'empty');
  const { commit: made, ...done } = await take();
  assert.ok(made);
  assert.deepEqual(done, planned);
});

test('an archive that holds something is not taken over into', async (t) => {
  const { take } = await genuine(t);
  await take();
  await assert.rejects(take(), { code: 'TARGET_TAKEN' });
});

test('what was killed at any call leaves the target without a commit, and the next take-over makes it whole', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const { open, store } = await newBackup(t, { org: await semcogOrganization(clone) });
  const { app } = await open();
  const old = await openOldArchive(clone, systemClock);
  let calls = 0;
  let last = Number.POSITIVE_INFINITY;
  const writes = new Set<PropertyKey>(['put', 'putStream', 'copy', 'delete']);
  const dying = new Proxy(app.deps.store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (writes.has(name) && ++calls > last) throw new Error('killed');
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
  const deps = {
    ...app.deps,
    store: dying,
    repository: openRepository(dying, { random: app.deps.random, clock: systemClock }),
  };
  for (last of [0, 2, 4, 20, 52]) {
    calls = 0;
    await assert.rejects(takeOver(deps, old, { dryRun: false, ...quiet }), /killed/);
    assert.equal(await openRepository(app.deps.store, app.deps).head(), undefined);
  }
  last = Number.POSITIVE_INFINITY;
  const { takenOver } = await takeOver(deps, old, { dryRun: false, ...quiet });
  const archive = await cloneArchive(t, store, known);
  assert.equal(archive.items.size, takenOver.length);
});

test('large files of the old tree become Git LFS objects, and old ones stay where they are', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const { open, store } = await newBackup(t, {
    org: await semcogOrganization(clone),
    settings: { BACKUP_LFS_THRESHOLD: '20000' },
  });
  const { app } = await open();
  await takeOver(app.deps, await openOldArchive(clone, systemClock), { dryRun: false, ...quiet });
  const archive = await cloneArchive(t, store, known);
  const parts = [...archive.items.values()].flatMap(({ manifest, path }) =>
    manifest.parts.filter(({ lfs }) => lfs).map((part) => ({ ...part, path: `${path}/${part.path}` })),
  );
  assert.ok(parts.length > 4);
  for (const { path, sha256, size } of parts) {
    const bytes = await archive.read(path);
    assert.deepEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')], [size, sha256]);
  }
});

test('the history of an item reaches back to its first commit in the old archive, and an old day gives the old files', async (t) => {
  const { take, clone, app, run } = await genuine(t);
  const report = await take();
  await run();
  const { repository, store } = app.deps;
  const archive = { store, repository };
  const check = async (history: History) => {
    for (const [n, { itemId, directory }] of [...report.takenOver, ...report.fetched].entries()) {
      if (n % 4 !== 0 && process.env['LONG'] === undefined) continue;
      const old = directory === null ? [] : (await commitsOf(clone, directory)).toReversed();
      const shared = report.fetched.filter((each) => each.directory === directory).length > 1;
      if (old.length === 0 || shared) continue;
      const versions = history.versions(itemId).filter(({ after }) => after?.path.startsWith('Users/'));
      const commits = versions.map(({ commit }) => commit.oid).toReversed();
      // What the old script renamed goes back further than git tells of one path.
      assert.deepEqual(commits.slice(-old.length), old, directory ?? '');
      const first = versions.find(({ commit }) => commit.oid === old[0])?.after;
      const manifest = first && (await manifestOf(archive, first));
      assert.ok(manifest && first);
      for (const part of manifest.parts) {
        const found = await findPart(archive, first, part);
        assert.ok(typeof found === 'object' && 'bytes' in found);
        assert.ok(found.bytes.equals(await bytesAt(clone, `${old[0] ?? ''}:${directory}/${part.path}`)));
      }
    }
  };
  await check(await readHistory(archive));
  await updateIndex(archive);
  await check(await readHistory(archive));
  const { items } = await listItems(archive, await readHistory(archive), {
    ...{ at: { is: 'latest' }, users: [], folders: [], types: [], deleted: true, sort: 'path', limit: 100 },
  });
  const deleted = items.map(({ path }) => path);
  for (const path of report.deleted) assert.ok(deleted.includes(path), path);
});

/** The commits that changed a folder, newest first, by stock git. */
async function commitsOf(clone: string, directory: string): Promise<string[]> {
  const text = await git(clone, 'log', '--format=%H', '--', `:(literal)${directory}`);
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '');
}
