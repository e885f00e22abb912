import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DamagedPart, type OutFile } from '../../../lib/history/get/take-out.ts';
import { openFolder } from '../../../lib/history/get/target-folder.ts';
import { temporaryFolder } from '../../git/stock-git.ts';

test('of parts that turn out to be damaged before their first byte no file is left, however busy the disk is', async (t) => {
  const target = await openFolder(join(await temporaryFolder(t), 'out'), { overwrite: false, random: '0'.repeat(40) });
  const file = (path: string, isLost: boolean): OutFile => ({
    path,
    size: 2,
    sha256: '',
    modified: undefined,
    open: async function* () {
      if (isLost) throw new DamagedPart('is missing');
      yield await Promise.resolve(Buffer.from('{}'));
    },
  });
  const folders = Array.from({ length: 60 }, (_, n) => `item${n}`);
  const put = async (folder: string) => {
    const lost = ['a', 'b', 'c'].map((name) => `${folder}/${name}.pdf`);
    const files = [...lost.map((path) => file(path, true)), file(`${folder}/item.json`, false)];
    assert.deepEqual([...(await target.put(folder, files))], lost);
  };
  await Promise.all(folders.map(put));
  const out = join(target.workspace, '..');
  for (const folder of folders) assert.deepEqual(await readdir(join(out, folder)), ['item.json']);
  await target.close();
});
