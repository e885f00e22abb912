import { test } from 'node:test';
import fc from 'fast-check';
import { step, type Step } from '../../support/model/steps.ts';
import { World, type Tally } from '../../support/model/world.ts';

/** Random histories of an organization, in any weather, against what must hold after every run. `npm run test:long`: 2,000. */
const seed = Number(process.env['SEED'] ?? 1);
const histories = process.env['LONG'] === undefined ? 50 : 2000;

/** Histories that once broke a law. */
const examples: [name: string, lanes: number, steps: Step[]][] = [
  [
    'an item that was given away on a night when its owner could not be listed is not in the archive twice',
    3,
    [
      { do: 'add', n: 48 },
      { do: 'night', of: 'all', n: 0 },
      { do: 'portal', fault: 0, n: 0, chance: false },
      { do: 'give', n: 12 },
      { do: 'night', of: 'all', n: 0 },
    ],
  ],
  [
    'an item that was given away is not in the archive twice after a run of its new owner alone',
    1,
    [
      { do: 'night', of: 'all', n: 0 },
      { do: 'give', n: 5 },
      { do: 'night', of: 'member', n: 0 },
    ],
  ],
  [
    'an account that loses its rights while items are saved leaves none without its sharing',
    1,
    [
      { do: 'share', n: 0 },
      { do: 'rights', n: 8 },
    ],
  ],
  [
    'exports that come cut on a quiet night of everything anew are read row by row, and then nothing is new',
    3,
    [
      { do: 'add', n: 40 },
      { do: 'night', of: 'all', n: 0 },
      { do: 'exports', holds: 'cut' },
      { do: 'night', of: 'force', n: 0 },
    ],
  ],
  [
    'an export that was deleted when a worker went away is made once more, and costs the item nothing',
    3,
    [
      { do: 'worker', of: 'orchestrator', n: 32 },
      { do: 'give', n: 1 },
      { do: 'exports', holds: 'empty' },
      { do: 'night', of: 'force', n: 23 },
    ],
  ],
];

async function live(lanes: number, steps: readonly Step[], tally: Tally): Promise<void> {
  const world = new World(lanes, tally);
  await world.open();
  try {
    for (const each of steps) await world.take(each);
    // In whatever weather is left, then repaired, then quiet.
    if (world.isTroubled) await world.night();
    for (let night = 0; night < 2; night++) await world.night();
    tally.histories += 1;
  } finally {
    await world.close();
  }
}

const noTally = (): Tally => ({ histories: 0, nights: 0, portalFaults: 0, storeFaults: 0, cuts: 0, losses: 0 });

for (const [name, lanes, steps] of examples) test(name, () => live(lanes, steps, noTally()));

test('whatever happens to an organization, nothing that exists is lost and nothing is removed without proof', async (t) => {
  const tally = noTally();
  const history = fc.array(step, { minLength: 3, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 1, 3), history, (lanes, steps) => live(lanes, steps, tally)),
    { numRuns: histories, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
  t.diagnostic(JSON.stringify(tally));
});
