import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../git/stock-git.ts';
import { cloneArchive, sentences } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';
import { tokenMark } from '../support/portal/state.ts';

const secret = /sim[0-9a-f]{64}/;
const echo = `${tokenMark}`;

/** Everything that is saved of an item, with the token of whoever asks in it. */
function echoing() {
  const org = new Organization();
  const story = org.addItem({
    owner: 'backup',
    type: 'StoryMap',
    title: 'Story',
    json: { link: `https://x.example/?token=${echo}` },
    snippet: echo,
    tags: [echo],
    metadata: `<a href="?token=${echo}"/>`,
    resources: {
      'config.json': contentOf(`{"token":"${echo}"}`),
      'large.txt': contentOf(`${'x'.repeat(3000)}${echo}${'y'.repeat(3000)}${echo}`),
    },
  });
  const view = org.addService({
    owner: 'backup',
    title: echo,
    layers: ['A'],
    typeKeywords: ['Hosted Service', 'View Service'],
  });
  const layer = view.service?.layers[0] ?? assert.fail();
  layer.name = `A ${echo}`;
  for (const row of layer.rows) row.name = `row ${echo}`;
  layer.rows[0]?.attachments.push({ id: 1, name: 'a.txt', content: contentOf(echo) });
  for (const title of ['First', echo]) org.addGroup(title);
  return { org, story: story.record.id };
}

test('a portal that echoes the token of the backup gets it into no file, no name, no message and no log line', async (t) => {
  const { org, story } = echoing();
  const { portal, run, store, events } = await newBackup(t, {
    org,
    behaviour: { echoes: true },
    settings: { BACKUP_LFS_THRESHOLD: '2000' },
  });
  portal.faults.add({
    match: /community\/groups\/\w+\/users/,
    times: 1,
    answer: { error: { code: 400, message: `Bad token ${echo}` } },
  });
  const refused = org.addItem({ owner: 'backup', type: 'PDF', title: 'Refused', name: 'a.pdf', data: '%PDF-' }).record
    .id;
  portal.faults.add({
    match: new RegExp(`${refused}/data`),
    times: 9,
    answer: { error: { code: 400, message: `No: ${echo}` } },
  });
  const record = await run();
  assert.deepEqual([record.added, record.failed], [2, 1], JSON.stringify(record));
  assert.doesNotMatch(JSON.stringify([record, events]), secret);
  assert.match(record.warnings.join(), /A token of the backup's own session stood in organization\//);

  const archive = await cloneArchive(t, store);
  assert.doesNotMatch(await git(archive.folder, 'log', '-p', '--all'), secret);
  for (const file of await readdir(store, { recursive: true, withFileTypes: true }))
    if (file.isFile())
      assert.doesNotMatch(await readFile(join(file.parentPath, file.name), 'latin1'), secret, file.name);

  const { manifest, path } = archive.items.get(story) ?? assert.fail();
  for (const name of ['data.json', 'metadata.xml', 'item.json', 'resources/config.json', 'resources/large.txt'])
    assert.ok(
      manifest.notes.some(({ code, part }) => code === 'TOKEN_MARKED' && part === name),
      `${name}: ${sentences(manifest)}`,
    );
  const large = (await archive.read(`${path}/resources/large.txt`)).toString();
  assert.match(large, /^x{3000}\[redacted\.{57}\]y{3000}\[redacted\.{57}\]$/);
  assert.equal(manifest.parts.find((part) => part.path === 'resources/large.txt')?.lfs, true);
  for (const { manifest: each } of archive.items.values())
    if (each.type === 'Feature Service')
      assert.match(sentences(each), /stood in features\/.*geojson;.*stood in layers\.json;/s);

  // What is only moved keeps its data, and the note about it; a quiet night changes nothing.
  portal.faults.clear();
  org.deleteItem(refused);
  await run();
  assert.equal((await run()).commit, null);
  org.quietlyEdit(story, { access: 'org' });
  assert.equal((await run()).changed, 1);
  const after = (await cloneArchive(t, store)).items.get(story)?.manifest.notes;
  assert.deepEqual(after, manifest.notes);
});

test('what the portal says of a sign-in quotes no password', async (t) => {
  const { portal, run } = await newBackup(t);
  const { password } = portal.org.admin;
  portal.faults.add({
    match: /generateToken/,
    times: 9,
    answer: { error: { code: 400, message: `No such password: ${password}` } },
  });
  const { error } = await run();
  assert.equal(error?.code, 'AUTH_SIGN_IN');
  assert.match(error.message, /No such password: \[redacted\]/);
});
