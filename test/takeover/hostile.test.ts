import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { takeOver } from '../../lib/takeover/take-over.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { smallArchive, writeRaw, type RawEntry, type SmallArchive } from '../support/old-repositories.ts';
import { Organization } from '../support/portal/organization.ts';

/** Takes over into a new archive. */
async function takeInto(t: TestContext, { old, org }: Pick<SmallArchive, 'old' | 'org'>) {
  const { open, store, run } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD: '2000' } });
  const { deps } = (await open()).app;
  const request = { dryRun: false, say: () => undefined, expect: () => undefined, tell: () => undefined };
  const report = await takeOver(deps, await openOldArchive(old, systemClock), request);
  const archive = () => cloneArchive(t, store, refusedByGit);
  return { report, store, run: () => run(), archive };
}

const who = 'old <old@localhost> 1800000000 +0000';
/** What fsck says of the old commits below, which stay as they are. */
const refusedByGit = ['gitmodulesBlob', 'hasDotdot', 'hasDotgit'];

test('names that no disk, no git and no other machine likes are kept in the old commits, and do no harm', async (t) => {
  const { old, org, titles } = await smallArchive(await temporaryFolder(t), 20_000);
  const file = async (name: RawEntry['name'], text: string, mode = '100644'): Promise<RawEntry> => ({
    ...{ mode, name, oid: await writeRaw(old, 'blob', Buffer.from(text)) },
  });
  const folder = async (name: RawEntry['name'], entries: readonly RawEntry[]): Promise<RawEntry> => ({
    ...{ mode: '40000', name, oid: await writeRaw(old, 'tree', entries) },
  });
  const maps: RawEntry[] = [];
  for (const title of ['..', 'CON', 'Link', 'a\\b']) {
    const { record } = org.addItem({ owner: 'ana', type: 'Web Map', title, data: '{}' });
    const data = title === 'Link' ? file(title, '/etc/passwd', '120000') : file(title, '{}');
    maps.push(await folder(title, [await data, await file('timestamp.txt', String(record.modified))]));
  }
  maps.push(
    await folder('.git', [await file('config', '[core]')]),
    await folder('.gitmodules', [await file('timestamp.txt', '1')]),
    { mode: '160000', name: 'Inner', oid: '1'.repeat(40) },
    await folder(Buffer.of(0x43, 0xe9), [await file(Buffer.of(0xff), 'x')]),
    await folder('nul.txt', [await file('.gitattributes', '* filter=lfs'), await file('aux', 'x')]),
  );
  const csv = (await git(old, 'rev-parse', 'master:Users/ana/None/CSV')).trim();
  const types = [{ mode: '40000', name: 'CSV', oid: csv }, await folder('Web Map', maps)];
  const root = [await folder('Users', [await folder('ana', [await folder('None', types)])])];
  const { oid } = await folder('', root);
  const parent = (await git(old, 'rev-parse', 'master')).trim();
  const text = `tree ${oid}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\nautomatic commit\n`;
  await writeFile(join(old, 'refs/heads/master'), await writeRaw(old, 'commit', Buffer.from(text)));

  const { report, run, archive } = await takeInto(t, { old, org });
  const whys = new Map(report.fetched.map(({ title, why }) => [title, why]));
  assert.match(whys.get('Link') ?? '', /not in the old archive/);
  assert.ok(titles.includes('Readings'));
  assert.deepEqual(report.takenOver.map(({ title }) => title).sort(), ['..', 'CON', 'Readings', 'a\\b']);
  assert.ok(report.deleted.includes('Users/ana/None/Web Map/.git'));
  assert.equal((await run()).outcome, 'complete');
  const held = await archive();
  for (const { title } of report.takenOver.filter(({ type }) => type === 'Web Map')) {
    const item = [...held.items.values()].find(({ manifest }) => manifest.title === title) ?? assert.fail(title);
    assert.equal((await held.read(`${item.path}/data.json`)).toString(), '{}');
    assert.doesNotMatch(item.path, /\\|\/\.\.\/|\/CON$/);
  }
});

test('a repository that lacks anything of its history is refused, and one with replacements is told', async (t) => {
  const folder = await temporaryFolder(t);
  const { old, org } = await smallArchive(folder, 20_000);
  const plan = 'master:Users/ana/None/PDF/Plan/plan.pdf';
  const [tip, tree, file] = (await git(old, 'rev-parse', 'master', 'master^{tree}', plan)).split('\n');
  const gone = 'd'.repeat(40);
  const lacking = async (name: string, lose: (copy: string) => Promise<void>) => {
    const copy = join(folder, name);
    await cp(old, copy, { recursive: true });
    await lose(copy);
    return openOldArchive(copy, systemClock);
  };
  const loose = (copy: string, oid = '') => join(copy, 'objects', oid.slice(0, 2), oid.slice(2));
  const damaged = { code: 'TAKEOVER_REFUSED', message: /is damaged: .*missing/ };
  await assert.rejects(
    lacking('file', (copy) => rm(loose(copy, file))),
    damaged,
  );
  await assert.rejects(
    lacking('commit', (copy) => rm(loose(copy, tip))),
    damaged,
  );
  // git itself calls it sound: a graft hides the commit that is gone.
  const grafted = async (copy: string) => {
    const text = `tree ${tree}\nparent ${gone}\nauthor ${who}\ncommitter ${who}\n\nautomatic commit\n`;
    const commit = await writeRaw(copy, 'commit', Buffer.from(text));
    await writeFile(join(copy, 'refs/heads/master'), commit);
    await mkdir(join(copy, 'info'), { recursive: true });
    await writeFile(join(copy, 'info/grafts'), `${commit}\n`);
  };
  await assert.rejects(lacking('grafted', grafted), { ...damaged, message: new RegExp(`${gone} is missing`) });
  // As `git clone` leaves it when it is killed: everything is on its way, and nothing has its name.
  const half = async (copy: string) => {
    for (const name of await readdir(join(copy, 'objects'))) await rm(join(copy, 'objects', name), { recursive: true });
    await mkdir(join(copy, 'objects/pack'));
    await writeFile(join(copy, 'objects/pack/tmp_pack_x1Y2z3'), 'PACK');
    await rm(join(copy, 'refs/heads/master'));
    await rm(join(copy, 'packed-refs'), { force: true });
  };
  await assert.rejects(lacking('half', half), { code: 'TAKEOVER_REFUSED', message: /has no commit/ });
  await assert.rejects(
    lacking('newer', (copy) => writeFile(join(copy, 'refs/heads/master'), 'f'.repeat(64))),
    { code: 'TAKEOVER_REFUSED', message: /SHA-256/ },
  );

  await git(old, 'replace', '--graft', 'master');
  const { report, store } = await takeInto(t, { old, org });
  assert.ok(report.notices.some((text) => text.includes('replacements')));
  assert.equal((await git(store, 'rev-list', '--count', 'main')).trim(), '3');
});

test('an organization of which no member is in the old archive is refused, and nothing is written', async (t) => {
  const { old } = await smallArchive(await temporaryFolder(t), 20_000);
  const org = new Organization();
  org.addMember('ben');
  const { open, store } = await newBackup(t, { org });
  const { deps } = (await open()).app;
  const request = { dryRun: false, say: () => undefined, expect: () => undefined, tell: () => undefined };
  await assert.rejects(takeOver(deps, await openOldArchive(old, systemClock), request), {
    code: 'TAKEOVER_REFUSED',
    message: /^No member of this organization is in .*, which has ana\.$/,
  });
  await assert.rejects(readdir(store), { code: 'ENOENT' });
});
