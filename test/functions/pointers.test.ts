import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pointer } from '../../lib/archive/lfs.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { git, hasLfs, temporaryFolder } from '../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';
import { pdf } from '../support/nights.ts';

const everything = { from: 0, to: 1 };
const secret = contentOf(pdf('what ana shows nobody', 20_000), 'application/pdf');
const stolen = pointer(secret.sha256(), secret.size).toString();

/** Files of ben that git-lfs takes for pointers: to ana's file, to nothing, and in older and looser spellings. */
const texts: Record<string, string> = {
  'theirs.txt': `${stolen}\n`,
  'wrong size.txt': pointer(secret.sha256(), 7).toString(),
  'nothing.txt': pointer('0'.repeat(64), 12).toString(),
  'spaces.txt': `\n \u0085${stolen.trimEnd()}   \n\n`,
  'hawser.txt': stolen.replace('git-lfs.github.com', 'hawser.github.com'),
  'extension.txt': stolen.replace('oid', `ext-0-foo sha256:${'1'.repeat(64)}\noid`),
};

function members(): Organization {
  const org = new Organization();
  for (const name of ['ana', 'ben']) org.addMember(name);
  org.addItem({ owner: 'ana', type: 'PDF', title: 'Secret', name: 'secret.pdf', data: secret });
  org.addItem({
    owner: 'ben',
    type: 'CSV',
    title: 'Stations',
    name: 'stations.csv',
    data: stolen,
    metadata: `${stolen} `,
  });
  const resources = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, contentOf(text)]));
  org.addItem({ owner: 'ben', type: 'StoryMap', title: 'Story', json: {}, resources });
  const service = org.addService({
    owner: 'ben',
    title: 'View',
    layers: ['A'],
    typeKeywords: ['Hosted Service', 'View Service'],
  });
  service.service?.layers[0]?.rows[0]?.attachments.push({ id: 1, name: 'a.txt', content: contentOf(`\n${stolen}`) });
  return org;
}

test("members' files that are the text of a Git LFS pointer come back as they are, and lead git-lfs to nobody's file", async (t) => {
  const { portal, run, store, clock } = await newBackup(t, {
    org: members(),
    settings: { BACKUP_LFS_THRESHOLD: '10000' },
  });
  const record = await run();
  assert.equal(record.outcome, 'complete', JSON.stringify(record));
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  const { findings } = await verify(new DirectoryStore(store, { clock }), everything);
  assert.deepEqual(findings, []);

  let found = 0;
  for (const { manifest, path } of archive.items.values()) {
    for (const part of manifest.parts) {
      const bytes = await archive.read(`${path}/${part.path}`);
      if (!/^\W*version \S+spec\/v1/.test(bytes.toString('utf8', 0, 200))) continue;
      found += 1;
      assert.equal(part.lfs, true, part.path);
      const file = `${path}/${part.path}`;
      assert.equal(await git(archive.folder, 'show', `HEAD:${file}`), pointer(part.sha256, part.size).toString());
      assert.equal(await git(archive.folder, 'check-attr', '-z', 'filter', '--', file), `${file}\0filter\0lfs\0`);
    }
  }
  assert.equal(found, Object.keys(texts).length + 3);

  if (!hasLfs) return;
  const folder = await temporaryFolder(t);
  const filter = ['-c', 'filter.lfs.smudge=git-lfs smudge -- %f', '-c', 'filter.lfs.process=git-lfs filter-process'];
  await git(folder, ...filter, 'clone', '--quiet', store, 'clone');
  await git(join(folder, 'clone'), ...filter, 'lfs', 'pull');
  const story = join(folder, 'clone/content/ben/None/StoryMap/Story/resources');
  for (const [name, text] of Object.entries(texts)) assert.equal(await readFile(join(story, name), 'utf8'), text);
});
