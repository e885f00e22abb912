import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Deps } from '../../lib/run/deps.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { readLists } from '../../lib/archive/runs/run-lists.ts';
import { systemClock } from '../../lib/clock.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { findPart, manifestOf } from '../../lib/history/item-files.ts';
import type { History } from '../../lib/history/history.ts';
import { updateIndex } from '../../lib/history/index/update.ts';
import { listItems } from '../../lib/history/list.ts';
import { readHistory } from '../../lib/history/read-history.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import type { TakeOverReport } from '../../lib/takeover/report.ts';
import { takeOver } from '../../lib/takeover/take-over.ts';
import { filesAt, git, temporaryFolder } from '../git/stock-git.ts';
import { cloneArchive, readArchive } from '../support/archive.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { watched } from '../support/stores/counting.ts';
import { newBackup } from '../support/backup.ts';
import { smallArchive } from '../support/old-repositories.ts';
import { cloneSemcog, semcogItems, semcogOrganization } from '../support/semcog.ts';

const quiet = { say: () => undefined, expect: () => undefined, tell: () => undefined };

/** What fsck finds in the old commits: one of them has a folder .gitmodules. */
const known = ['gitmodulesBlob'];

test('a genuine archive', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const untouched = await filesOf(clone);
  const { app, store, run, portal, open } = await opened(t, clone);
  const old = await openOldArchive(clone, systemClock);
  const take = (dryRun = false) => takeOver(app.deps, old, { dryRun, ...quiet });
  const planned = await take(true);
  assert.equal(await app.deps.repository.inspect(), 'empty');
  const report = await take();
  const taken = new Set(report.takenOver.map(({ itemId }) => itemId));

  await t.test('is taken over as a dry run says, which writes nothing', () => {
    assert.ok(report.commit);
    assert.deepEqual(planned, { ...report, commit: null });
  });

  await t.test('stays the ancestor of the new one, with the ids of its commits', async () => {
    assert.equal((await git(store, 'rev-parse', 'main')).trim(), report.commit);
    assert.equal(await git(store, 'rev-list', 'main~1'), await git(clone, 'rev-list', 'HEAD'));
  });

  await t.test(
    'gives files that are the portal’s byte for byte, and none that is not is taken as unchanged',
    async (t) => {
      await assertAsInTruth(t, { clone, store, report });
    },
  );

  await t.test('is not taken over into an archive that holds something', () =>
    assert.rejects(take(), { code: 'TARGET_TAKEN' }),
  );

  await t.test('makes the first run fetch the data of those items only that the report names', async (t) => {
    const before = portal.log.entries.length;
    const record = await run();
    const asked = portal.log.entries
      .slice(before)
      .flatMap(({ path }) => /items\/(\w{32})\/data$/.exec(path)?.[1] ?? []);
    assert.deepEqual(
      asked.filter((id) => taken.has(id)),
      [],
    );
    assert.deepEqual([record.removed, record.outcome], [0, 'complete']);
    // What it brings is what the report named, and what it leaves out as well, but for what was taken over.
    const { leftOut } = await readLists(app.deps.store, record.runId);
    const left = leftOut.map(({ itemId }) => itemId).filter((id) => !taken.has(id));
    assert.deepEqual(left.sort(), report.leftOut.map(({ itemId }) => itemId).sort());
    assert.equal(record.added, report.fetched.length);
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
    const { findings } = await verify((await open()).app.deps.store, { from: 0, to: 1 });
    assert.ok(findings.length > 0);
    for (const { kind, what } of findings) {
      assert.equal(kind, 'notice');
      assert.match(what, /Users\/alice\.lab\/None\/CSV\/\.gitmodules is a folder/);
    }
    assert.equal((await run()).commit, null);
  });

  await t.test('lets the history of an item reach back to its first commit, and an old day gives the old files', () =>
    assertOldHistory({ ...app.deps, clone, report }),
  );

  await t.test('is not changed', async () => {
    assert.deepEqual(await filesOf(clone), untouched);
  });
});

/** The organization of a genuine archive, and a backup of it that has not begun. */
async function opened(t: TestContext, clone: string, settings: Record<string, string> = {}) {
  const backup = await newBackup(t, { org: await semcogOrganization(clone), settings });
  return { ...backup, app: (await backup.open()).app };
}

/** Every file below a folder, with its bytes. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}

async function assertAsInTruth(
  t: TestContext,
  { clone, store, report }: { clone: string; store: string; report: TakeOverReport },
): Promise<void> {
  const truth = await semcogItems();
  const taken = new Set(report.takenOver.map(({ itemId }) => itemId));
  const ids = truth.filter(({ takeover }) => takeover === 'yes').map(({ id }) => id);
  assert.deepEqual([...taken].sort(), ids.sort());
  assert.equal(report.takenOver.length + report.fetched.length + report.leftOut.length, truth.length);
  assert.ok(
    report.notices.some((text) => /^\d+ files metadata\.xml of the old archive hold an error message/.test(text)),
  );
  const archive = await cloneArchive(t, store, known);
  const files: { path: string; name: string }[] = [];
  for (const { id, dir, dataFile, exportFile } of truth) {
    const held = archive.items.get(id);
    assert.equal(held !== undefined, taken.has(id), dir);
    for (const [role, file] of Object.entries({ data: dataFile, export: exportFile })) {
      const part = held?.manifest.parts.find((each) => each.role === role);
      if (held === undefined || file === null || file === undefined || file.startsWith('(')) continue;
      assert.ok(part, `${dir} lacks its ${role}`);
      files.push({ path: `${held.path}/${part.path}`, name: `HEAD:${dir}/${file}` });
    }
  }
  assert.ok(files.length > 40);
  const names = files.map(({ name }) => name);
  for (const [n, wanted] of (await filesAt(clone, names)).entries())
    assert.ok((await archive.read(files[n]?.path ?? '')).equals(wanted), names[n]);
}

async function assertOldHistory({
  clone,
  report,
  store,
  repository,
}: Pick<Deps, 'store' | 'repository'> & { clone: string; report: TakeOverReport }): Promise<void> {
  const archive = { store, repository };
  const commits = await commitsByFolder(clone);
  const check = async (history: History) => {
    const files = new Map<string, Buffer>();
    for (const [n, { itemId, directory }] of [...report.takenOver, ...report.fetched].entries()) {
      if (n % 4 !== 0 && process.env['LONG'] === undefined) continue;
      const old = commits.get(directory ?? '') ?? [];
      const shared = report.fetched.filter((each) => each.directory === directory).length > 1;
      if (old.length === 0 || shared) continue;
      const versions = history.versions(itemId).filter(({ after }) => after?.path.startsWith('Users/'));
      // What the old script renamed goes back further than git tells of one path.
      assert.deepEqual(
        versions
          .map(({ commit }) => commit.oid)
          .toReversed()
          .slice(-old.length),
        old,
        directory ?? '',
      );
      const first = versions.find(({ commit }) => commit.oid === old[0])?.after;
      const manifest = first && (await manifestOf(archive, first));
      assert.ok(manifest && first);
      for (const part of manifest.parts) {
        const found = await findPart(archive, first, part);
        assert.ok(typeof found === 'object' && 'bytes' in found);
        files.set(`${old[0] ?? ''}:${directory}/${part.path}`, found.bytes);
      }
    }
    assert.ok(files.size > 20);
    const wanted = await filesAt(clone, [...files.keys()]);
    for (const [n, [name, bytes]] of [...files].entries()) assert.ok(bytes.equals(wanted[n] ?? Buffer.of()), name);
  };
  await check(await readHistory(archive));
  await updateIndex(archive);
  await check(await readHistory(archive));
  const { items } = await listItems(archive, await readHistory(archive), {
    ...{ at: { is: 'latest' }, users: [], folders: [], types: [], deleted: true, sort: 'path', limit: 100 },
  });
  const deleted = items.map(({ path }) => path);
  for (const path of report.deleted) assert.ok(deleted.includes(path), path);
}

/** The commits that changed each folder of an item, oldest first, by stock git. */
async function commitsByFolder(clone: string): Promise<Map<string, string[]>> {
  const text = await git(clone, 'log', '--format=%x01%H', '--name-only', '--no-renames', '-z');
  const found = new Map<string, string[]>();
  for (const each of text.split('\x01').slice(1).toReversed()) {
    const [commit = '', ...paths] = each.split(/\0\n?/);
    const folders = new Set(paths.map((path) => path.split('/').slice(0, 5).join('/')));
    for (const folder of folders) found.set(folder, [...(found.get(folder) ?? []), commit]);
  }
  return found;
}

test('what git on Windows made LF of is taken over with the line ends that the portal has; what has both kinds is fetched', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog'), '--no-local');
  const org = await semcogOrganization(clone);
  const texts: string[] = [];
  for (const { id, takeover, dir, dataFile } of await semcogItems()) {
    if (takeover !== 'yes' || dataFile?.endsWith('.csv') !== true) continue;
    texts.push(id);
    const text = await readFile(join(clone, dir, dataFile), 'latin1');
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

test('what was killed at any write leaves the target without a commit, and the next take-over makes it whole', async (t) => {
  const folder = await temporaryFolder(t);
  const { old: clone, org, titles } = await smallArchive(folder, 20_000);
  const { open } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD: '2000' } });
  const { app } = await open();
  const old = await openOldArchive(clone, systemClock);
  for (let last = 0, isKilled = true; isKilled; last++) {
    const store = new MemoryStore({ clock: systemClock });
    const deps = (over: BlobStore): Deps => ({ ...app.deps, store: over, repository: openRepository(over, app.deps) });
    let calls = 0;
    const dying = watched(store, ({ verb }, call) => {
      if (writes.has(verb) && ++calls > last) throw new Error('killed');
      return call();
    });
    const ended = await takeOver(deps(dying), old, { dryRun: false, ...quiet }).catch((error: unknown) =>
      String(error),
    );
    isKilled = ended === 'Error: killed';
    if (!isKilled) assert.ok(last > 20, `${last} writes`);
    const { repository } = deps(store);
    // What comes after the branch was moved takes nothing back.
    if ((await repository.head()) === undefined) await takeOver(deps(store), old, { dryRun: false, ...quiet });
    const archive = await readArchive(store);
    assert.deepEqual([...archive.items.values()].map(({ manifest }) => manifest.title).sort(), titles.toSorted());
    assert.equal(archive.parent, old.tip.oid);
  }
});

const writes = new Set(['put', 'putStream', 'copy', 'delete']);

test('large files of the old tree become Git LFS objects, and old ones stay where they are', async (t) => {
  const clone = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const { app, store } = await opened(t, clone, { BACKUP_LFS_THRESHOLD: '20000' });
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
