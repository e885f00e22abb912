import fc from 'fast-check';
import type { Holds } from '../portal/export-bytes.ts';
import { faults, storeFaults } from './faults.ts';

/** What members do; `n` says with which item, folder or member. */
const changes = [
  'add',
  'edit',
  'replace',
  'rename',
  'move',
  'delete',
  'tag',
  'give',
  'rows',
  'share',
  'folder',
  'group',
  'leave',
  'join',
] as const;

/** Something that a member does. */
export interface Change {
  do: (typeof changes)[number];
  n: number;
}

/** One step of a history. All but nights and changes prepare the next night. */
export type Step =
  | Change
  /** a run: of everything, of everything anew, of one item, of one member */
  | { do: 'night'; of: 'all' | 'force' | 'item' | 'member'; n: number }
  /** the portal fails: from which of the matching requests on, or by chance */
  | { do: 'portal'; fault: number; n: number; chance: boolean }
  /** the store fails: at which of the matching calls, or by chance */
  | { do: 'store'; fault: number; n: number; chance: boolean }
  /** the process dies at this call to the store, before or after it took effect */
  | { do: 'cut'; n: number; after: boolean }
  /** a member does something while the run is at this request */
  | { do: 'during'; n: number; change: Change }
  /** the clock of the worker is wrong by so many days, for one night */
  | { do: 'clock'; days: number }
  /** the worker goes away at this turn of an orchestrator, or execution of an activity, before its answer */
  | { do: 'worker'; of: 'activity' | 'orchestrator'; n: number }
  /** exports complete and are not whole */
  | { do: 'exports'; holds: Holds }
  /** the account of the backup loses its rights while the run is at this request */
  | { do: 'rights'; n: number }
  /** the portal goes down at this request, and stays down for the night */
  | { do: 'down'; n: number }
  /** the password of the account changes while the run is at this request, and is changed back by day */
  | { do: 'password'; n: number };

const change: fc.Arbitrary<Change> = fc.record({ do: fc.constantFrom(...changes), n: fc.nat(50) });

/** Histories are mostly changes and nights; what goes wrong is a third of the rest. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: change },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('night' as const),
      of: fc.constantFrom(
        'all' as const,
        'all' as const,
        'all' as const,
        'force' as const,
        'item' as const,
        'member' as const,
      ),
      n: fc.nat(50),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('portal' as const),
      fault: fc.nat(faults.length - 1),
      n: fc.nat(5),
      chance: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('store' as const),
      fault: fc.nat(storeFaults.length - 1),
      n: fc.nat(60),
      chance: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), n: fc.nat(120), after: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('during' as const), n: fc.nat(80), change }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rights' as const), n: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('down' as const, 'password' as const), n: fc.nat(80) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('exports' as const),
      holds: fc.constantFrom<Holds>('empty', 'short', 'lacking', 'cut'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clock' as const), days: fc.integer({ min: -40, max: 40 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('worker' as const),
      of: fc.constantFrom('activity' as const, 'orchestrator' as const),
      n: fc.nat(60),
    }),
  },
);
