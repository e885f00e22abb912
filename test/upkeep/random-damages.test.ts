import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { BackupError } from '../../lib/errors.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { encodeStaged } from '../../lib/archive/staged-item.ts';
import { newRunId } from '../../lib/archive/runs/run-history.ts';
import { tidyUp } from '../../lib/upkeep/maintain/maintain.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import type { MemoryStore } from '../../lib/storage/memory.ts';
import type { Finding } from '../../lib/upkeep/verify/finding.ts';
import { repair } from '../../lib/upkeep/repair/repair.ts';
import { soundness } from '../../lib/upkeep/verify/report.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { commitNext, countedNames } from '../archive/archive.ts';
import { Remembered, type Kept } from '../support/remembered.ts';
import { fsck } from '../support/stores/copies.ts';
import { anyHarms, doHarm, type Harm } from './any-damage.ts';
import { repairOver } from './repair/repair-over.ts';
import { SmallArchive } from './small-archive.ts';

/** Any damage, alone or in pairs, against what must hold after a repair, and 45 days later. `npm run test:long`: 5,000. */
const seed = Number(process.env['SEED'] ?? 1);
const isLong = process.env['LONG'] !== undefined;
const cases = Number(process.env['CASES'] ?? (isLong ? 5000 : 100));
/** Every so many cases are lived through with the portal at hand, real runs and stock git. */
const every = 25;
const day = 86_400_000;
const everything = { from: 0, to: 1 };
const archive = new SmallArchive();
const { clock } = archive;

/** A sound archive, and what is known of it. */
interface Base {
  store: MemoryStore;
  remembered: Remembered;
}
const bases: Base[] = [];
let seeds = 0;

function partsOf(store: BlobStore) {
  const random = countedNames(`random ${seeds++}`);
  return { store, clock, random, repository: openRepository(store, { random, clock }) };
}

const isDamage = ({ kind }: Finding) => kind === 'damage';

/** One has every object once; the other has been merged, and the packs of before lie beside it. */
before(async () => {
  await archive.open();
  const { store } = archive;
  // What a dead run has staged.
  const dead = newRunId(clock.now() - day, '0'.repeat(40));
  await store.put(`ago-backup/runs/${dead}/staged/item`, encodeStaged({ manifest: {} }, [Buffer.from('staged')]).bytes);
  const merged = store.snapshot();
  const { repository } = partsOf(merged);
  for (let n = 0; n < 18; n++) await commitNext(merged, repository, { [`notes/${n}`]: `${n}` }, `Note ${n}`);
  await tidyUp(partsOf(merged));
  await archive.run(merged);
  archive.org.editItem(archive.flyer, { snippet: 'edited' });
  await archive.run(merged);
  for (const each of [store, merged]) {
    assert.deepEqual((await verify(each, everything)).findings.filter(isDamage), []);
    bases.push({ store: each, remembered: await Remembered.of(each) });
  }
});
after(() => archive.close());

/** What could be read can be read, where readers look for it. */
function assertKept(was: Kept, is: Kept, when: string): void {
  const laws = [
    [was.objects, is.objects, 'objects are nowhere'],
    [was.objects, is.listed, 'objects are in no listed pack'],
    [was.large, is.large, 'Git LFS objects are nowhere'],
    [was.large, is.placed, 'Git LFS objects are not in their place'],
  ] as const;
  for (const [before, now, what] of laws) {
    const lost = [...before].filter((each) => !now.has(each));
    assert.equal(lost.length, 0, `${when}: ${lost.length} of ${before.size} ${what}: ${lost[0]}`);
  }
}

/** Ends well, or with a code that is not INTERNAL. */
async function coded(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof BackupError && error.code !== 'INTERNAL', error as Error);
  }
}

/** Verifies and repairs as a person does; a second repair finds nothing that the first could have done. */
async function mend(t: TestContext, store: MemoryStore, isWhole: boolean): Promise<void> {
  const parts = repairOver(archive, store);
  const offline = { ...parts, fetchItems: () => Promise.resolve(['The portal does not answer.']) };
  const { failed, after } = await repair(isWhole ? parts : offline);
  assert.deepEqual(
    failed.filter((text) => text.includes('INTERNAL')),
    [],
  );
  if (isWhole && soundness(after) === 'sound') await fsck(t, store);
}

/** Forty-five days, with a commit and upkeep every fortnight. */
async function goOn(store: MemoryStore, isWhole: boolean): Promise<void> {
  for (let round = 0; round < 3; round++) {
    if (isWhole && round !== 1) {
      const { error } = await archive.run(store);
      assert.notEqual(error?.code, 'INTERNAL', error?.message);
    }
    const { repository } = partsOf(store);
    await coded(() => commitNext(store, repository, { [`later/${round}`]: `${round}` }, `Later ${round}`));
    await coded(() => tidyUp(partsOf(store)));
    clock.advance(15 * day);
  }
  await coded(() => tidyUp(partsOf(store)));
}

async function live(t: TestContext, which: number, harms: readonly Harm[], isWhole: boolean): Promise<void> {
  const began = clock.now();
  const { store: sound, remembered } = bases[which] ?? assert.fail();
  const store = sound.snapshot();
  const what: string[] = [];
  for (const harm of harms) what.push(await doHarm(store, harm));
  try {
    const was = await remembered.kept(store);
    await mend(t, store, isWhole);
    assertKept(was, await remembered.kept(store), 'after the repair');
    await goOn(store, isWhole);
    assertKept(was, await remembered.kept(store), '45 days later');
  } catch (error) {
    throw new Error(`${what.join('; ')}: ${(error as Error).message}`, { cause: error });
  } finally {
    clock.advance(began - clock.now());
  }
}

test('whatever happens to the files of an archive, a repair loses nothing, nor do the weeks after it', async (t) => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(0, 1), anyHarms, (which, list) => live(t, which, list, n++ % every === 0)),
    { numRuns: cases, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
  t.diagnostic(`${n} cases`);
});
