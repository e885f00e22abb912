import type { Call } from './counting.ts';
import type { Fault, NumberedCall } from './faulty.ts';

/** Which calls of a store a fault strikes: all that is given must hold. */
export interface Strike {
  verb?: Call['verb'];
  /** of the blob, or the prefix of a listing */
  name?: RegExp;
  /** matching calls that pass first; default 0 */
  skip?: number;
  /** how many calls it strikes; default 1, with a rate as many as chance will */
  times?: number;
  /** chance of each matching call, 0 to 1; default 1 */
  rate?: number;
  fault: Fault;
}

/** Decides for `faulty` by rules, of which the first that matches strikes; the same calls and chances, the same faults. */
export class Strikes {
  /** calls that were struck so far */
  hits = 0;
  readonly #armed: { strike: Strike; left: number; skip: number }[];
  readonly #random: () => number;

  /** @param random from 0 to below 1, for rates */
  constructor(strikes: readonly Strike[], random: () => number) {
    this.#random = random;
    this.#armed = strikes.map((strike) => ({
      strike,
      left: strike.times ?? (strike.rate === undefined ? 1 : Infinity),
      skip: strike.skip ?? 0,
    }));
  }

  /** What strikes this call, if anything. Counts. */
  decide({ verb, name }: NumberedCall): Fault {
    for (const armed of this.#armed) {
      const { strike } = armed;
      if (armed.left <= 0 || (strike.verb ?? verb) !== verb || strike.name?.test(name) === false) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      if (strike.rate !== undefined && this.#random() >= strike.rate) continue;
      armed.left -= 1;
      this.hits += 1;
      return strike.fault;
    }
    return undefined;
  }
}
