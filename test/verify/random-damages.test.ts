import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { BackupError } from '../../lib/errors.ts';
import { hashOf } from '../../lib/git/proof.ts';
import { openRepository } from '../../lib/git/repository.ts';
import { encodeStaged } from '../../lib/git/staged.ts';
import { newRunId } from '../../lib/run/earlier.ts';
import { tidyUp } from '../../lib/run/maintain.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import type { MemoryStore } from '../../lib/storage/memory.ts';
import { repair } from '../../lib/verify/repair.ts';
import { soundness } from '../../lib/verify/report.ts';
import { verify } from '../../lib/verify/verify.ts';
import { commitNext, countedNames } from '../git/archive.ts';
import { Entries } from '../support/entries.ts';
import { fsck } from '../support/stores.ts';
import { anyHarm, doHarm, type Harm } from './any-damage.ts';
import { repairOver } from './repair-over.ts';
import { SmallArchive } from './small-archive.ts';

/** Any damage, alone or in pairs, against what must hold after a repair, and 30 days later. */
const seed = Number(process.env['SEED'] ?? 1);
const isLong = process.env['LONG'] !== undefined;
const cases = Number(process.env['CASES'] ?? (isLong ? 5000 : 50));
/** Every so many cases are lived through with real runs and stock git. */
const every = isLong ? 5 : 12;
const day = 86_400_000;
const archive = new SmallArchive();
after(() => archive.close());

/** A sound archive, and what is known of it. */
interface Base {
  store: MemoryStore;
  entries: Entries;
}
const bases: Base[] = [];
let tidied = 0;

function partsOf(store: BlobStore) {
  const { clock } = archive;
  const random = countedNames(`tidy ${tidied++}`);
  return { store, clock, random, repository: openRepository(store, { random, clock }) };
}

before(async () => {
  await archive.open();
  const { store, clock } = archive;
  // What a dead run has staged.
  const dead = newRunId(clock.now() - day, '0'.repeat(40));
  await store.put(`ago-backup/runs/${dead}/staged/item`, encodeStaged({ manifest: {} }, [Buffer.from('staged')]).bytes);
  const merged = store.snapshot();
  const { random } = partsOf(merged);
  for (let n = 0; n < 18; n++) {
    await commitNext(merged, openRepository(merged, { random, clock }), { [`notes/${n}`]: `${n}` }, `Note ${n}`);
  }
  await tidyUp(partsOf(merged));
  await archive.run(merged);
  archive.org.editItem(archive.flyer, { snippet: 'edited' });
  await archive.run(merged);
  for (const each of [store, merged]) bases.push({ store: each, entries: await Entries.of(each) });
  for (const each of [store, merged])
    assert.deepEqual(
      (await verify(each, { from: 0, to: 1 })).findings.filter(({ kind }) => kind === 'damage'),
      [],
    );
});

/** Git LFS objects that are what their names say. */
async function largeOf(store: BlobStore): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { name } of store.list('lfs/'))
    if (name.endsWith((await hashOf(store, name)) ?? '?')) found.add(name);
  return found;
}

async function stateOf({ entries }: Base, store: BlobStore) {
  return { readable: await entries.readable(store), listed: await entries.listed(store), large: await largeOf(store) };
}
type State = Awaited<ReturnType<typeof stateOf>>;

function assertKept(was: State, is: State, when: string): void {
  for (const part of ['readable', 'listed', 'large'] as const) {
    const lost = [...was[part]].filter((each) => !is[part].has(each));
    assert.deepEqual(lost, [], `${when}: ${lost.length} of ${was[part].size} are not ${part} any more`);
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

async function live(t: TestContext, n: number, harms: readonly Harm[], isWhole: boolean): Promise<void> {
  const { clock } = archive;
  const began = clock.now();
  const base = bases[n % bases.length] ?? assert.fail();
  const store = base.store.snapshot();
  const what: string[] = [];
  for (const harm of harms) what.push(await doHarm(store, harm));
  try {
    const was = await stateOf(base, store);
    const first = await verify(store, { from: 0, to: 1 });
    const parts = repairOver(archive, store);
    const { failed, after } = await repair(
      isWhole ? parts : { ...parts, fetchItems: () => Promise.resolve(['no portal']) },
    );
    assert.deepEqual(
      failed.filter((text) => text.includes('INTERNAL')),
      [],
    );
    assertKept(was, await stateOf(base, store), 'after the repair');
    if (soundness(first) === 'sound') assert.equal(first.commit, after.commit);
    if (isWhole && soundness(after) === 'sound') await fsck(t, store);
    for (let round = 0; round < 3; round++) {
      if (isWhole && round !== 1) {
        const { error } = await archive.run(store);
        assert.notEqual(error?.code, 'INTERNAL', error?.message);
      }
      const { repository, random } = partsOf(store);
      await coded(() => commitNext(store, repository, { [`later/${round}`]: random() }, `Later ${round}`));
      await coded(() => tidyUp(partsOf(store)));
      clock.advance(15 * day);
    }
    await coded(() => tidyUp(partsOf(store)));
    assertKept(was, await stateOf(base, store), '45 days later');
  } catch (error) {
    throw new Error(`${what.join('; ')}: ${(error as Error).message}`, { cause: error });
  } finally {
    clock.advance(began - clock.now());
  }
}

test('whatever happens to the files of an archive, a repair loses nothing, nor does the month after it', async (t) => {
  let n = 0;
  const harms = fc.tuple(fc.nat(), fc.array(anyHarm, { minLength: 1, maxLength: 2 }));
  await fc.assert(
    fc.asyncProperty(harms, ([which, list]) => live(t, which, list, n++ % every === 0)),
    { numRuns: cases, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
  t.diagnostic(`${n} cases`);
});
