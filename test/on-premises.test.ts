import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { declarations } from './support/declarations.ts';

const run = promisify(execFile);
const root = new URL('../', import.meta.url);
const folder = fileURLToPath(new URL('infra/on-premises/', root));
const read = (name: string) => readFile(new URL(name, root), 'utf8');

test('every command of the page is one that there is, with the options that it takes', async () => {
  const page = await read('docs/on-premises.md');
  const files = await Promise.all((await readdir(folder)).map((name) => read(`infra/on-premises/${name}`)));
  const code = await declarations();
  // In code, at the beginning of a line, behind && or env: elsewhere it is the name of an account, an image or an archive.
  const begins = /(?:`|^|&& |env |ago-backup\\)ago-backup(?:\.cmd")? ([a-z-]+)([^\n`]*)/gm;
  let count = 0;
  for (const [line, name = '', rest = ''] of [page, ...files].join('\n').matchAll(begins)) {
    const begin = code.search(new RegExp(`command\\(\\s*'${name}'`));
    assert.ok(begin >= 0, line);
    count += 1;
    const own = code.slice(begin, code.indexOf('.action(', begin) + 1);
    for (const [option = ''] of rest.matchAll(/(?<= )--[a-z-]+/g)) assert.ok(own.includes(`'${option}`), line);
  }
  assert.ok(count >= 10, `${count} commands`);
});

test('the units of systemd are what systemd takes for units', async (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('systemd is not here');
  const { stderr } = await run('systemd-analyze', [
    'verify',
    `${folder}ago-backup.service`,
    `${folder}ago-backup.timer`,
  ]);
  assert.equal(stderr, '');
});

test('the task of Windows is well-formed, runs hidden from nobody, and is not ended while it runs', async () => {
  const xml = await read('infra/on-premises/ago-backup-task.xml');
  // Read as UTF-16 from a string and as UTF-8 from a file: so it tells no encoding, and holds nothing but ASCII.
  assert.match(xml, /^<\?xml version="1\.0"\?>\n[\n\x20-\x7e]*$/);
  const open: string[] = [];
  for (const [tag, end, name = '', empty] of xml
    .replace(/<\?.*?\?>|<!--.*?-->/gs, '')
    .matchAll(/<(\/?)([A-Za-z]+)[^<>]*?(\/?)>/g)) {
    if (end === '/') assert.equal(open.pop(), name, tag);
    else if (empty !== '/') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(xml.replace(/<[^<>]*>/g, ''), /[<>]|&(?!amp;|gt;|lt;)/);
  assert.match(xml, /<ExecutionTimeLimit>PT0S</);
  assert.match(xml, /<MultipleInstancesPolicy>IgnoreNew</);
});

test('each line of the crontab has five times, an account and a command', async () => {
  const lines = (await read('infra/on-premises/ago-backup.crontab')).split('\n').filter((line) => /^[\d*]/.test(line));
  assert.equal(lines.length, 3);
  for (const line of lines)
    assert.match(line, /^(?:[\d*]+ +){5}ago-backup +cd \/srv\/ago-backup && ago-backup [a-z]+ .*2>&1$/);
  // A percent sign would be a line end.
  for (const line of lines) assert.ok(!line.includes('%'));
});

test('the container runs what npm pack makes, as nobody in particular, and hands signals on', async () => {
  const lines = (await read('infra/on-premises/Dockerfile'))
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  assert.match(lines[0] ?? '', /^FROM node:24-slim$/);
  const at = (what: RegExp) => lines.findIndex((line) => what.test(line));
  assert.ok(at(/^RUN npm install --global .*--ignore-scripts/) > 0);
  assert.ok(at(/^USER node$/) > at(/^RUN install --directory --owner=node/));
  assert.ok(at(/^ENTRYPOINT \["ago-backup"\]$/) > at(/^USER/));
  assert.ok(at(/^ADD|curl|sudo/) < 0);
});
