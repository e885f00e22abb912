import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mark, packet } from '../../../lib/serve/git/pkt-line.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { newBackup } from '../../support/backup.ts';

// What each is answered in detail is tried where it is made; here all of it passes through the functions as they are served.
test('whatever is asked wrongly gets the right status, a plain sentence, and at most one line in the log', async (t) => {
  const backup = await newBackup(t);
  const { id } = backup.portal.org.addItem({ owner: 'backup', type: 'Web Map', title: 'Plan', json: {} }).record;
  const { commit } = await backup.run();
  const { host } = await backup.open();
  const { port } = await host.serve(0);
  const at = `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text) => lines.push(String(text)) > 0;
  t.after(() => (process.stderr.write = write));

  const git2 = { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': 'version=2' };
  const fetching = (...words: string[]) =>
    Buffer.concat([
      ...['command=fetch\n', 'object-format=sha1'].map((word) => packet(word)),
      mark('delim'),
      ...words.map((word) => packet(`${word}\n`)),
      mark('flush'),
    ]);
  const pack = 'archive.git/git-upload-pack';
  const file = `api/items/${id}/versions/${commit}/parts/data.json`;
  for (const [what, path, status, sentence, init] of [
    ['an unknown repository', 'other.git/info/refs?service=git-upload-pack', 404, /git clones \/archive\.git/, {}],
    ['an unknown address below the archive', 'archive.git/objects/info/packs', 404, /nothing at this address/, {}],
    ['an unknown address of the API', 'api/nothing', 404, /docs\/http\.md/, {}],
    ['an unknown object', pack, 200, /not our ref f{40}/, { body: fetching(`want ${'f'.repeat(40)}`, 'done') }],
    ['a broken pkt-line', pack, 400, /cut/, { body: Buffer.from('0032want') }],
    ['an endless request', pack, 413, /./, { body: gzipSync(Buffer.alloc(40_000_000, '0')), gzip: true }],
    [
      'an unknown filter',
      pack,
      200,
      /filter 'sparse:oid=x' is not known/,
      { body: fetching('filter sparse:oid=x', 'done') },
    ],
    ['a page that does not exist', 'nowhere', 404, /Nothing has this address[^]*class="cure"/, {}],
    ['an item id from nowhere', `items/${'0'.repeat(32)}`, 404, /ITEM_UNKNOWN/, {}],
    ['the same of the API', `api/items/${'0'.repeat(32)}`, 404, /"hint"/, {}],
    ['a range outside the file', file, 416, /The part has \d+ bytes/, { range: 'bytes=999999-' }],
    ['a large file that is not there', `archive.git/info/lfs/objects/${'a'.repeat(64)}`, 404, /./, {}],
    ['a zip of nothing', 'api/zip', 400, /a zip has from 1 to 200/, {}],
    ['a warning from nowhere', 'api/warnings/x/acknowledged', 404, /WARNING_UNKNOWN/, { method: 'PUT' }],
  ] as const) {
    lines.length = 0;
    const { body, gzip, range, method = body === undefined ? 'GET' : 'POST' } = init as Wrong;
    const headers = {
      ...(body !== undefined && git2),
      ...(gzip === true && { 'content-encoding': 'gzip' }),
      ...(range !== undefined && { range }),
    };
    const answer = await fetch(`${at}/${path}`, { method, headers, ...(body && { body }) });
    assert.equal(answer.status, status, what);
    assert.match(await answer.text(), sentence, what);
    assert.ok(lines.join('').trim().split('\n').length <= 1, `${what}: ${lines.join('')}`);
  }
  const folder = await temporaryFolder(t);
  await assert.rejects(git(folder, 'clone', '--quiet', `${at}/other.git`, 'other'), /repository '[^']*' not found/);
  await git(folder, 'clone', '--quiet', `${at}/archive.git`, 'clone');
  assert.match(await git(join(folder, 'clone'), 'log', '-1', '--format=%H'), new RegExp(String(commit)));
});

interface Wrong {
  body?: Buffer<ArrayBuffer>;
  gzip?: boolean;
  range?: string;
  method?: string;
}
