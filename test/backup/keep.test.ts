import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepLast, keptByAge, type Did } from '../../lib/backup/keep.ts';
import { seeded } from '../support/random.ts';

const at = (day: string) => Date.parse(`${day}T02:00:00Z`);

/** The days that stay. */
function stayed(days: readonly string[], keepDays: number, today: string): string[] {
  const kept = keptByAge(
    days.map((day) => ({ time: at(day.replace('!', '')), stays: day.endsWith('!') })),
    keepDays,
    at(today),
  );
  return days.filter((_, n) => kept[n]);
}

const table: [string, string[], number, string, string[]][] = [
  ['nothing is old', ['2026-01-01', '2026-01-02'], 30, '2026-01-20', ['2026-01-01', '2026-01-02']],
  [
    'the last of a month stays',
    ['2026-01-01', '2026-01-30', '2026-02-01'],
    30,
    '2026-03-10',
    ['2026-01-30', '2026-02-01'],
  ],
  [
    'a month of which one moment is young stays whole',
    ['2026-01-01', '2026-01-30'],
    30,
    '2026-03-02',
    ['2026-01-01', '2026-01-30'],
  ],
  ['the month after that moment is folded', ['2026-01-01', '2026-01-30'], 30, '2026-03-04', ['2026-01-30']],
  [
    'months of two years are two',
    ['2025-01-01', '2025-01-02', '2026-01-01', '2026-01-02'],
    30,
    '2026-04-01',
    ['2025-01-02', '2026-01-02'],
  ],
  [
    'ten times as old, the last of a year stays',
    ['2024-01-05', '2024-02-05', '2024-12-30', '2025-01-05', '2025-02-05'],
    30,
    '2025-11-01',
    ['2024-12-30', '2025-01-05', '2025-02-05'],
  ],
  [
    'a year of which one moment is younger keeps its months',
    ['2024-01-05', '2024-02-05', '2024-02-06'],
    30,
    '2025-10-01',
    ['2024-01-05', '2024-02-06'],
  ],
  [
    'what stays anyway stands beside the last of its month',
    ['2026-01-01', '2026-01-02!', '2026-01-03', '2026-01-04'],
    30,
    '2026-06-01',
    ['2026-01-02!', '2026-01-04'],
  ],
  ['what stays anyway is the last of its month, too', ['2026-01-01', '2026-01-02!'], 30, '2026-06-01', ['2026-01-02!']],
  [
    'a clock that was ahead makes what came after it young',
    ['2026-01-01', '2026-01-02', '2029-01-01', '2026-01-03', '2026-01-04'],
    30,
    '2026-06-01',
    ['2026-01-02', '2029-01-01', '2026-01-03', '2026-01-04'],
  ],
  [
    'a clock that was behind makes nothing old',
    ['2026-05-20', '1970-01-02', '1970-01-03'],
    30,
    '2026-06-01',
    ['2026-05-20', '1970-01-02', '1970-01-03'],
  ],
  ['one commit stays, however old', ['2001-01-01'], 1, '2026-06-01', ['2001-01-01']],
  [
    'of an archive that nobody changed for years the last commit stays',
    ['2001-01-01', '2001-05-01', '2002-01-01'],
    1,
    '2026-06-01',
    ['2001-05-01', '2002-01-01'],
  ],
  ['no commit, nothing to keep', [], 30, '2026-06-01', []],
];

for (const [what, days, keepDays, today, expected] of table) {
  test(`${what}: BACKUP_KEEP = ${keepDays} on ${today}`, () => {
    assert.deepEqual(stayed(days, keepDays, today), expected);
  });
}

/** Which commits stay; each is written as what it did: `+` appears, `~` changes, `-` goes, and `*` for one that stays by its age. */
function keeps(...commits: string[]): number[] {
  const did: Record<string, Did> = { '+': { after: 1 }, '~': { before: 1, after: 2 }, '-': { before: 1 } };
  const changes = commits.map(
    (commit) => new Map([...commit.matchAll(/([-+~])(\w)/g)].map(([, how = '', what = '']) => [what, did[how] ?? {}])),
  );
  const kept = keepLast(
    commits.map((commit) => commit.includes('*')),
    changes,
  );
  return kept.flatMap((stays, n) => (stays ? [n] : []));
}

test('the last commit with what is no more stays, unless its last version is in another that does', () => {
  assert.deepEqual(keeps('+a', '~a', '-a', '*'), [1, 3]);
  assert.deepEqual(keeps('+a', '+b', '-a', '*'), [1, 3]);
  assert.deepEqual(keeps('+a *', '+b', '-a', '*'), [0, 3], 'the same version');
  assert.deepEqual(keeps('+a *', '~a', '+b', '-a', '*'), [0, 2, 4], 'another version');
  assert.deepEqual(keeps('+a', '-a', '+a', '*'), [3], 'it came back');
  assert.deepEqual(keeps('+a', '-a', '+a', '~a', '-a', '*'), [3, 5]);
  assert.deepEqual(keeps('*', '-a', '*'), [0, 2], 'it was there before the first');
  assert.deepEqual(keeps('+a', '-a *'), [0, 1]);
  assert.deepEqual(keeps('+a +b', '-a', '-b', '*'), [0, 3], 'one holds the last of both');
});

/** As many random histories in the suite; a hundred times as many in the long mode. */
const histories = process.env['LONG'] === undefined ? 200 : 20_000;

test('of any history everything keeps its last version, nothing young goes, and what is thinned out once is not again the same day', () => {
  for (let seed = 1; seed <= histories; seed++) {
    const random = seeded(seed);
    const keepDays = 1 + Math.floor(random() * 60);
    const now = at('2026-01-10');
    const versions = new Map<string, string>();
    const lastOf = new Map<string, string>();
    let time = at('2022-01-01');
    // Each commit with all that it holds, so that what must stay is known without looking at changes.
    let history = Array.from({ length: 40 }, (_, n) => {
      time += random() * 75 * 86_400_000 - (seed % 2 === 1 && random() < 0.1 ? 200 * 86_400_000 : 0);
      for (const key of 'abcd') {
        if (random() < 0.2) versions.set(key, `${key}${n}`);
        else if (random() < 0.15) versions.delete(key);
      }
      for (const [key, version] of versions) lastOf.set(key, version);
      return { time: Math.min(time, now), holds: new Map(versions) };
    });
    const thinned = () => {
      const changes = history.map(({ holds }, n) => {
        const before = history[n - 1]?.holds ?? new Map<string, string>();
        const keys = [...new Set([...before.keys(), ...holds.keys()])].filter(
          (key) => before.get(key) !== holds.get(key),
        );
        return new Map(keys.map((key): [string, Did] => [key, { before: before.get(key), after: holds.get(key) }]));
      });
      const kept = keepLast(keptByAge(history, keepDays, now), changes);
      return history.filter((_, n) => kept[n]);
    };
    const stays = thinned();
    for (const [key, version] of lastOf)
      assert.ok(
        stays.some(({ holds }) => holds.get(key) === version),
        `seed ${seed}: ${version} is lost`,
      );
    const young = history.filter((commit) => commit.time > now - keepDays * 86_400_000);
    assert.ok(
      young.every((commit) => stays.includes(commit)),
      `seed ${seed}: a young commit is lost`,
    );
    assert.equal(stays.at(-1), history.at(-1), `seed ${seed}`);
    history = stays;
    const again = thinned();
    for (const [key, version] of lastOf)
      assert.ok(
        again.some(({ holds }) => holds.get(key) === version),
        `seed ${seed}: ${version} is lost the second time`,
      );
    // In odd histories the clock goes back; then a commit less may be enough.
    if (seed % 2 === 0) assert.deepEqual(again, stays, `seed ${seed}: once more`);
  }
});
