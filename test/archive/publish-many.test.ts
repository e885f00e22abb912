import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRepository } from '../../lib/archive/repository.ts';
import { encodeStaged } from '../../lib/archive/staged-item.ts';
import type { Edit } from '../../lib/git/trees.ts';
import { countedNames, dump, newArchive, testClock } from './archive.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { watched } from '../support/stores/counting.ts';

test('10,000 objects from 1,000 staged blobs go into one pack while few blobs are in memory', async (t) => {
  const { store } = await newArchive();
  let inFlight = 0;
  let most = 0;
  const held = watched(store, async (call, run) => {
    if (call.verb === 'get' && call.name.includes('/staged/')) {
      inFlight += 1;
      most = Math.max(most, inFlight);
      const answer = await run();
      inFlight -= 1;
      return answer;
    }
    return run();
  });
  const repository = openRepository(held, { random: countedNames('big'), clock: testClock() });
  const objects = repository.newObjects();
  const staged: string[] = [];
  const edits: Edit[] = [];
  for (let item = 0; item < 1000; item++) {
    const files = Array.from({ length: 10 }, (_, n) => Buffer.from(`file ${n % 9} of item ${item}`));
    const { bytes, oids } = encodeStaged({ item }, files);
    const name = `ago-backup/runs/r/staged/${item}`;
    await store.put(name, bytes);
    staged.push(name);
    oids.forEach((oid, n) =>
      edits.push({ path: `content/u${item % 7}/i${item}/f${n}`, entry: { mode: '100644' as const, oid } }),
    );
  }
  const tree = await repository.applyEdits(objects, undefined, edits);
  const commit = await repository.publish({ base: undefined, tree, message: 'm', timeMs: 0, objects, staged });
  assert.ok(most <= 8, `${most} staged blobs at a time`);
  const folder = await temporaryFolder(t);
  await dump(store, folder);
  await git(folder, 'fsck', '--strict', '--full');
  assert.equal((await git(folder, 'ls-tree', '-r', '--name-only', commit)).split('\n').length, 10_001);
  // Nine different files an item, a tree an item and a member, content, root, commit.
  assert.match(await git(folder, 'count-objects', '-v'), new RegExp(`in-pack: ${9000 + 1000 + 7 + 3}\\n`));
});
