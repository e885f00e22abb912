import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Found } from '../../../lib/backup/found.ts';
import type { Saved } from '../../../lib/backup/item.ts';
import type { BackupError } from '../../../lib/errors.ts';
import type { Deps } from '../../../lib/run/deps.ts';
import { takeData } from '../../../lib/run/save/main-parts.ts';
import { withRoom } from '../../../lib/run/save/stage-part.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { VirtualClock } from '../../support/clock.ts';
import { oddFiles, type OddFile } from '../../support/odd-files.ts';
import { portalPair } from '../../support/open-portal.ts';
import { contentOf, typeOf } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';

const saved = { parts: [{ path: 'x', role: 'data', size: 99, sha256: 'x', lfs: false }] } as unknown as Saved;

/** A portal with all odd files, and what takes one of them in. */
async function open(t: TestContext) {
  const { sim, portal } = await portalPair(t);
  const clock = new VirtualClock();
  const rules = { lfsThreshold: 400 };
  const take = async (odd: OddFile, size: number, answer?: FaultAnswer, times = 1) => {
    const data = contentOf(odd.bytes, odd.name === null ? 'text/plain' : typeOf(odd.name));
    const { record } = sim.org.addItem({ owner: 'backup', title: odd.what, type: odd.type, name: odd.name, data });
    sim.org.quietlyEdit(record.id, { size });
    const match = new RegExp(`${record.id}/data$`);
    if (answer !== undefined) sim.faults.add({ match, times, answer });
    const deps = { store: new MemoryStore({ clock }), clock, rules, random: () => 'a'.repeat(40) } as unknown as Deps;
    const found = { item: { ...record }, saved } as unknown as Found;
    const end = await takeData(withRoom(deps), portal, found).then(
      (taken) => ({ taken: 'bytes' in taken ? taken : undefined, code: undefined }),
      (error: BackupError) => ({ taken: undefined, code: error.code }),
    );
    sim.faults.clear();
    return { ...end, asked: sim.log.count(match) };
  };
  return take;
}

/** What came of it. */
type End = Awaited<ReturnType<Awaited<ReturnType<typeof open>>>>;

function assertWhole({ taken, code }: End, odd: OddFile): void {
  assert.ok(taken, code);
  assert.equal(taken.part.size, odd.bytes.length);
  if (!taken.part.lfs) assert.ok(taken.bytes.equals(odd.bytes));
  assert.equal(taken.note?.code, odd.isOdd ? 'ODD_CONTENT' : undefined, taken.note?.text);
}

const half: FaultAnswer = 'half';
const words: FaultAnswer = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Internal error. Wait.' };
const error: FaultAnswer = { error: { code: 500, message: 'Error getting a file' }, type: 'text/plain' };

test('there are odd files enough', () => assert.ok(oddFiles.length >= 64));

test('what has the size that the record tells is saved as it is, whatever it is, with a note on what is odd', async (t) => {
  const take = await open(t);
  for (const odd of oddFiles)
    await t.test(odd.what, async () => {
      const end = await take(odd, odd.bytes.length);
      assertWhole(end, odd);
      assert.equal(end.asked, 1);
    });
});

test('what has no size is saved when it comes twice, or shows that it is whole; what looks like an error is not', async (t) => {
  const take = await open(t);
  for (const odd of oddFiles)
    await t.test(odd.what, async () => {
      const end = await take(odd, -1);
      if (odd.isSuspect) return assert.match(end.code ?? '', /^PORTAL_(ERROR|ANSWER)$/);
      assertWhole(end, odd);
      assert.ok(end.asked <= 2, `${end.asked} requests`);
    });
});

test('half of it is never saved where the record tells its size, and one half costs nothing', async (t) => {
  const take = await open(t);
  for (const odd of oddFiles.filter(({ bytes }) => bytes.length > 1))
    await t.test(odd.what, async () => {
      assert.equal((await take(odd, odd.bytes.length, half, Infinity)).taken, undefined);
      assertWhole(await take(odd, odd.bytes.length, half), odd);
    });
});

test('half of what has no size is not saved in its place, when it comes once', async (t) => {
  const take = await open(t);
  for (const odd of oddFiles.filter(({ bytes, isSuspect }) => bytes.length > 1 && !isSuspect))
    await t.test(odd.what, async () => assertWhole(await take(odd, -1, half), odd));
});

test('no error and no page is saved in its place, with a size or without, and one page costs nothing', async (t) => {
  const take = await open(t);
  for (const [n, odd] of oddFiles.entries())
    await t.test(odd.what, async () => {
      // Words may be a text or a table; in place of others they are no file.
      const isText = odd.name !== null && !/\.(pdf|zip|png|jpg|gif|tif)$/.test(odd.name);
      const answer = [error, 'html' as const, isText ? error : words][n % 3] ?? error;
      for (const size of [odd.bytes.length, -1])
        assert.equal((await take(odd, size, answer, Infinity)).taken, undefined, JSON.stringify(answer));
      if (answer !== error) assertWhole(await take(odd, odd.bytes.length, answer), odd);
    });
});
