import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { arrivals } from '../../lib/takeover/arrivals.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { importCommits } from '../support/old-repositories.ts';

const service = 'Users/ana/None/Feature Service';

test('each file came with the commit since which it is what it is, as stock git tells', async (t) => {
  const folder = await temporaryFolder(t);
  const nights = [
    { 'Wells/timestamp.txt': '1', 'Wells/Wells_SourceData_ForBackup.zip': 'a', 'Roads/timestamp.txt': '1' },
    { 'Wells/timestamp.txt': '2', 'Wells/Wells_SourceData_ForBackup.zip': 'b' },
    // As it was the first night, a file where a folder was, and a folder that is another's.
    { 'Wells/Wells_SourceData_ForBackup.zip': 'a', Late: 'a file', 'Parks/timestamp.txt': '1' },
    { Late: null, 'Late/timestamp.txt': '1', 'Roads/plan.txt': 'x' },
    { 'Parks/timestamp.txt': null, 'Parks2/timestamp.txt': '1' },
    { '../last_run.log': 'nothing else' },
  ];
  await importCommits(
    join(folder, 'old.git'),
    nights.map((files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [join(service, path), text]))),
  );
  const old = await openOldArchive(join(folder, 'old.git'), systemClock);
  const paths = [...old.directories.values()].flatMap(({ path, files }) =>
    [...files.keys()].map((name) => `${path}/${name}`),
  );
  assert.equal(paths.length, 6);
  const found = await arrivals(old, paths);
  for (const path of paths) {
    const told = await git(join(folder, 'old.git'), 'log', '-1', '--format=%ct', 'master', '--', `:(literal)${path}`);
    assert.equal(found.get(path), Number(told) * 1000, path);
  }
  assert.ok(new Set(found.values()).size >= 4);
});
