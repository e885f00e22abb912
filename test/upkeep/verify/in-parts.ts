import assert from 'node:assert/strict';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import type { Share } from '../../../lib/upkeep/verify/large.ts';
import { decodeState, encodeState } from '../../../lib/upkeep/verify/state-bytes.ts';
import type { State } from '../../../lib/upkeep/verify/state.ts';
import { Verification } from '../../../lib/upkeep/verify/verification.ts';
import type { Verdict } from '../../../lib/upkeep/verify/verify.ts';

/** How a verification is made in parts. */
interface Parts {
  share?: Share;
  /** things that a part does; 1 unless given */
  most?: number;
  /** what happens between two parts, from 1 */
  between?: (part: number, state: State) => Promise<unknown>;
  /** Is the worker killed in this part, before it has written anything down? */
  isKilled?: (part: number) => boolean;
}

/** A verification of as many parts as can be, each by another process, packs of any size object by object; how many it took. */
export async function verifyInParts(
  store: BlobStore,
  { share = { from: 0, to: 1 }, most = 1, between, isKilled = () => false }: Parts = {},
): Promise<{ verdict: Verdict; parts: number; largest: number }> {
  let kept: Buffer | undefined;
  let largest = 0;
  for (let part = 1; ; part++) {
    assert.ok(part < 3000, 'it comes to no end');
    const once = async () => {
      const state = kept === undefined ? undefined : (decodeState(kept) ?? assert.fail('damaged'));
      const verification = await Verification.open(store, { share, state, largePack: 0 });
      let things = 0;
      const verdict = await verification.goOn({ isOver: () => ++things >= most, tell: () => undefined });
      return { verdict, verification };
    };
    if (isKilled(part)) await once();
    const { verdict, verification } = await once();
    if (verdict !== undefined) return { verdict, parts: part, largest };
    kept = encodeState(verification.state);
    largest = Math.max(largest, kept.length);
    await between?.(part, verification.state);
  }
}
