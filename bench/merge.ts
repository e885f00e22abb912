import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import { mergePacks } from '../lib/upkeep/maintain/merge-packs.ts';
import { openRepository } from '../lib/archive/repository.ts';
import { encodeStaged } from '../lib/archive/staged-item.ts';
import { counting } from '../test/support/stores/counting.ts';
import { MemoryStore } from '../lib/storage/memory.ts';

/** Merging 21 packs of 500 objects each. */
const { store, requests } = counting(new MemoryStore({ clock: systemClock }));
const random = () => randomBytes(20).toString('hex');
const repository = openRepository(store, { random, clock: systemClock });
await repository.prepare();
for (let pack = 0; pack < 21; pack++) {
  const base = await repository.head();
  const { bytes, oids } = encodeStaged(
    {},
    Array.from({ length: 500 }, (_, n) => Buffer.from(`pack ${pack} object ${n} ${randomBytes(200).toString('hex')}`)),
  );
  await store.put('ago-backup/runs/r/staged/x', bytes);
  const objects = repository.newObjects();
  const edits = oids.map((oid, n) => ({ path: `content/${pack}/${n}`, entry: { mode: '100644' as const, oid } }));
  const tree = await repository.applyEdits(objects, base?.tree, edits);
  await repository.publish({
    base,
    tree,
    message: `${pack}\n`,
    timeMs: 0,
    objects,
    staged: ['ago-backup/runs/r/staged/x'],
  });
}
const before = requests.total;
const began = performance.now();
await mergePacks(store, { random });
console.log(
  `merging 21 packs of 500 objects: ${((performance.now() - began) / 1000).toFixed(2)} s, ${requests.total - before} store requests, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
);
