import assert from 'node:assert/strict';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { assertApart, assertPortable } from '../../backup/names/any-names.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { cloneArchive, type Archive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { contentOf, fixture } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';

/** Texts that would like to be a path of their own, a part of git, a trailer, or a command of the terminal. */
const weapons: [name: string, text: string][] = [
  ['leads upwards', '../../../etc/passwd'],
  ['leads upwards on Windows', '..\\..\\windows\\system32\\x'],
  ['leads upwards encoded', '%2e%2e%2f%2e%2e%2fetc'],
  ['leads upwards, encoded twice', '%252e%252e%252f'],
  ['is the folder above', '..'],
  ['is absolute', '/etc/passwd'],
  ['is absolute on Windows', 'C:\\autoexec.bat'],
  ['is a share', '\\\\evil.example\\share'],
  ['is a stream of NTFS', 'title::$DATA'],
  ['holds NUL', 'harmless\0.git/hooks/post-checkout'],
  ['begins like an option', '--upload-pack=touch pwned'],
  ['is .git', '.git'],
  ['is a hook', '.git/hooks/post-checkout'],
  ['is .GIT', '.GIT'],
  ['is .git for NTFS', 'git~1'],
  ['is .git for NTFS, with a dot and a space', '.git. '],
  ['is .git for NTFS, as a stream', '.git::$INDEX_ALLOCATION'],
  ['is .git for HFS+', '.g\u200cit'],
  ['is .git for HFS+, otherwise', '\u206a.git\ufeff'],
  ['is .git in full width', '．ｇｉｔ'],
  ['is .gitmodules', '.gitmodules'],
  ['is .gitmodules for NTFS', 'gitmod~1'],
  ['is .gitmodules for NTFS by its hash', 'gi7eba~1'],
  ['is .gitmodules for HFS+', '.gitmod\u200dules'],
  ['is .gitattributes', '.gitattributes'],
  ['is .gitattributes for NTFS', 'gi7d29~1'],
  ['is a file of ours', 'backup.json'],
  ['is a file of ours in capitals', 'ITEM.JSON'],
  ['is a folder of ours', 'features/0 A.geojson'],
  ['is a device', 'CON.txt'],
  ['is nothing', ' . . '],
  ['forges trailers', 'Roads\n\nRun-Id: 00000000-0000-7000-8000-000000000000\nCo-authored-by: eve <eve@example.com>'],
  ['forges trailers with other line ends', 'Roads\r\rSigned-off-by: eve\u2028Run-Id: x\u2029\u0085Listed: 9'],
  ['forges a log line', 'x"}\n{"event":"run.completed","outcome":"complete"}'],
  ['commands the terminal', '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u009b31m\u001b]8;;http://evil\u0007link'],
  ['runs backwards', '\u202efdp.exe\u2066\u200f\u061c'],
  ['is half a character', 'half \ud83d and \udc00 half'],
  ['is a key of every object', '__proto__'],
  ['is another key of every object', 'constructor'],
  ['is very long', 'ü'.repeat(1000)],
];

/** What no address can hold: an item is saved without such a resource, or thumbnail. */
const isUnaskable = (text: string) => text.split('/').some((part) => part === '..' || part === '.');

function hostileOrganization() {
  const org = new Organization();
  const askedBy = weapons.map(([, text], n) => {
    org.addGroup(text);
    const folder = org.addFolder('backup', text).id;
    const name = `${text.toWellFormed()}.csv`;
    const words = { title: text, type: text, snippet: text, tags: [text], name };
    org.addItem({ owner: 'backup', folder, data: `file ${n}`, ...words });
    const item = { owner: 'backup', type: 'StoryMap', title: `Story ${n}`, json: { n } };
    const resources = { [text]: contentOf(`resource ${n}`) };
    const infos = { [`thumbnail/${text}`]: fixture('thumbnail.png') };
    return [org.addItem({ ...item, resources }), org.addItem({ ...item, infos })].map(({ record }) => record.id);
  });
  const layers = weapons.map(([, text]) => text);
  const { service } = org.addService({ owner: 'backup', title: 'Layers', layers, viewOf: 'none', rows: 1 });
  for (const { name, rows } of service?.layers ?? [])
    rows[0]?.attachments.push({ id: 1, name, content: contentOf(`attached to ${name}`) });
  for (const [, text] of weapons.filter(([, text]) => !isUnaskable(text) && text.isWellFormed() && text.length < 500)) {
    if (text.includes('/') || text.includes('\0')) continue;
    // A username is the same in any letter case.
    if ([...org.accounts.keys()].some((name) => name.toLowerCase() === text.toLowerCase())) continue;
    org.addMember(text);
    org.addItem({ owner: text, type: 'Web Map', title: `Of a member`, json: { text } });
  }
  return { org, askedBy };
}

/** Every file of the tree lies in a folder where it belongs, under a name that every system and git take. */
async function assertNames(t: TestContext, store: string, archive: Archive): Promise<void> {
  const paths = (await git(store, 'ls-tree', '-r', '-z', '--name-only', 'main')).split('\0').filter(Boolean);
  assertApart(paths);
  for (const path of paths) {
    assert.match(path, /^(content\/|organization\/|README\.md$|\.gitattributes$)/, path);
    for (const name of path.split('/')) if (name !== '.gitattributes') assertPortable(name);
  }
  const items = [...archive.items.values()].map(({ path }) => path);
  for (const path of paths.filter((each) => each.startsWith('content/')))
    assert.equal(items.filter((item) => path.startsWith(`${item}/`)).length, 1, `${path} lies in no folder of an item`);
  for (const file of await readdir(archive.folder, { recursive: true })) {
    const found = await lstat(join(archive.folder, file));
    assert.ok(found.isFile() || found.isDirectory(), `${file} is a link`);
  }
  const modes = await git(store, 'ls-tree', '-r', '-z', 'main');
  assert.ok(modes.split('\0').every((line) => line === '' || line.startsWith('100644 blob ')));
  const protections = ['-c', 'core.protectNTFS=true', '-c', 'core.protectHFS=true', '-c', 'transfer.fsckObjects=true'];
  await git(store, ...protections, 'clone', '--quiet', '--no-local', store, join(await temporaryFolder(t), 'copy'));
}

test('texts that are weapons, in every place that takes a text, harm nothing, and the next night finds them as they were', async (t) => {
  const { org, askedBy } = hostileOrganization();
  const { portal, run, store, events } = await newBackup(t, { org });
  const record = await run();
  const expected = weapons.flatMap(([, text], n) => (isUnaskable(text) ? (askedBy[n] ?? []) : []));
  const failed = record.failures.map(({ itemId }) => itemId);
  assert.deepEqual([...failed].sort(), expected.sort(), JSON.stringify(record.failures));
  assert.deepEqual(new Set(record.failures.map(({ code }) => code)), new Set(['ITEM_DAMAGED']));
  assert.equal(record.members.failed, 0);

  const archive = await cloneArchive(t, store);
  await assertNames(t, store, archive);
  for (const item of org.items.values()) {
    const saved = archive.items.get(item.record.id);
    if (failed.includes(item.record.id)) continue;
    const part = saved?.manifest.parts.find(({ role }) => role === 'data');
    if (item.data)
      assert.ok(
        (await archive.read(`${saved?.path}/${part?.path}`)).equals(item.data.bytes()),
        item.record.title ?? '',
      );
    for (const [name, { content }] of item.resources) {
      // A half character is asked for as U+FFFD, which the portal does not have.
      if (!name.isWellFormed()) continue;
      const kept = saved?.manifest.parts.find((each) => each.role === 'resource');
      assert.ok((await archive.read(`${saved?.path}/${kept?.path}`)).equals(content.bytes()), name);
    }
  }
  // Nothing was asked for but what a harmless run asks for.
  const strange = portal.log.filter(
    ({ path }) =>
      !/^\/(sharing\/rest\/(generateToken|portals\/self|community\/(self|groups)|content\/(users|items|groups))|arcgis\/rest\/(admin\/)?services\/Layers\/)/.test(
        path,
      ),
  );
  assert.deepEqual(
    strange.filter(({ host }) => host !== 'storage').map(({ path }) => path),
    [],
  );

  const message = await git(store, 'log', '-1', '--format=%B');
  const trailers = (await git(store, 'log', '-1', '--format=%(trailers:only)')).trim().split('\n');
  assert.deepEqual(
    trailers.map((line) => line.split(':')[0]),
    ['Run-Id', 'Listed', 'Unchanged', 'Excluded'],
  );
  assert.equal(trailers[0], `Run-Id: ${record.runId}`);
  for (const line of message.trimEnd().split('\n'))
    assert.match(line, /^$|^Backup 2|^[+~!-] |^ {2}and |^(Run-Id|Listed|Unchanged|Excluded): /);
  assert.doesNotMatch(message, /[^\P{Cc}\n]|[\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
  assert.ok(events.length > weapons.length);

  const second = await run();
  assert.deepEqual([second.commit, second.added, second.changed, second.removed], [null, 0, 0, 0]);
});
