import { readAcceptances } from '../../archive/acceptance.ts';
import type { Large } from '../../archive/lfs.ts';
import { readBranch } from '../../git/branch.ts';
import { isCommitId } from '../../git/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { findOutlived, verifyAcceptances } from './accepted.ts';
import { Catalog } from './catalog.ts';
import { isDamaged, type Finding } from './finding.ts';
import { verifyBranch, verifyFiles, verifyRefs } from './files.ts';
import { findPacks } from './found-packs.ts';
import { keepFinding, report } from './found.ts';
import { indexFindings, verifyHistoryIndex } from './history-index.ts';
import { walkHistory } from './history.ts';
import { verifyItems } from './items.ts';
import { isLargeRead, largeFindings, largeRead, nameLarge, readLarge, type Share } from './large.ts';
import { Objects } from './objects.ts';
import { packFindings, verifyPacks } from './packs.ts';
import { verifyRecords } from './records.ts';
import { newState, nothingFound, type Found, type State } from './state.ts';
import { readAgain, syncState } from './sync.ts';
import type { Turn } from './turn.ts';
import type { Verdict } from './verify.ts';
import type { Work } from './work.ts';

/** Bytes; packs of more are read in several parts, smaller ones at once. */
const largePack = 1024 * 1024 * 1024;

/** What a verification is made with. */
export interface VerificationOptions {
  share: Share;
  /** what an earlier part has left */
  state?: State | undefined;
  /** bytes; 1 GiB unless given */
  largePack?: number;
}

/**
 * A verification that can stop between any two things and go on later, also in another process: first the packs, byte by byte, then
 * a share of the Git LFS objects, then the history, the items and the history index, by what the packs were found to hold. What changes in
 * the archive meanwhile is seen at the beginning of each part and before the end; then what depends on it is done again.
 */
export class Verification {
  readonly #work: Work;

  private constructor(work: Work) {
    this.#work = work;
  }

  /** Begins one, or goes on with one. Throws STORE_… when the store does not answer. */
  static async open(store: BlobStore, options: VerificationOptions): Promise<Verification> {
    const acceptances = await readAcceptances(store);
    const state = options.state ?? newState(options.share, [...acceptances.accepted.keys()], await headOf(store));
    const known = await Catalog.open(store, state.packs, state.walk.elsewhere);
    const catalog = known ?? new Catalog();
    if (known === undefined) readAgain({ state, catalog });
    const objects = new Objects(store, undefined, catalog);
    const work = { store, state, catalog, objects, acceptances, largePack: options.largePack ?? largePack };
    const verification = new Verification(work);
    if (options.state !== undefined) await syncState(work);
    return verification;
  }

  /** All that is known so far, for who goes on. */
  get state(): State {
    const { state, catalog } = this.#work;
    return { ...state, parts: state.parts + 1, walk: { ...state.walk, elsewhere: new Set(catalog.elsewhere) } };
  }

  /** Goes on until the turn is over. The verdict, once there is one. Throws STORE_… when the store does not answer. */
  async goOn(turn: Turn): Promise<Verdict | undefined> {
    const { state } = this.#work;
    for (;;) {
      if (!(await this.#stages(turn))) return undefined;
      // Nothing can have changed that one part alone has not met.
      if (state.parts === 0 || !(await syncState(this.#work))) return this.#verdict();
    }
  }

  /** False when the turn was over before all was read. */
  async #stages(turn: Turn): Promise<boolean> {
    const work = this.#work;
    const { state } = work;
    if (!state.arePacksRead) await verifyPacks(work, turn);
    if (!state.arePacksRead) return false;
    const root = await this.#root();
    // Nobody knows then what should be there.
    if (root === undefined) return true;
    if (!isLargeRead(state.large)) await readLarge(work, turn);
    if (!isLargeRead(state.large)) return false;
    if (!state.walk.isDone) await this.#walk(turn);
    if (state.walk.isDone && !state.items.isDone) await this.#add(state.items.found, verifyItems(work, root, turn));
    if (state.items.isDone && !state.isIndexRead) await verifyHistoryIndex(work, turn);
    return state.isIndexRead;
  }

  async #walk(turn: Turn): Promise<void> {
    const { state, catalog, objects } = this.#work;
    const name = (large: Large, where: string) => nameLarge(this.#work, large, where);
    const parts = { objects, catalog, head: state.head ?? '', name };
    await this.#add(state.walk.found, walkHistory(parts, state.walk, turn));
  }

  async #root(): Promise<string | undefined> {
    const { head } = this.#work.state;
    return head === null ? undefined : (await this.#work.objects.commit(head))?.tree;
  }

  async #add(found: Found, findings: AsyncIterable<Finding> | Iterable<Finding>): Promise<Found> {
    for await (const finding of findings) keepFinding(found, this.#work.acceptances, finding);
    return found;
  }

  /** Looks at the small files, which a run beside it may just have written, and puts all together. */
  async #verdict(): Promise<Verdict> {
    const { store, state, objects } = this.#work;
    const acceptances = await readAcceptances(store);
    const root = await this.#root();
    const told = (await readBranch(store))?.commit;
    const first = await this.#add(nothingFound(), verifyAcceptances(acceptances));
    for (const findings of [verifyFiles(store), verifyRecords(store)]) await this.#add(first, findings);
    const packs = await this.#add(nothingFound(), packFindings(state, await findPacks(store)));
    for (const findings of [verifyRefs(store), verifyBranch(store, objects, told)]) await this.#add(packs, findings);
    const last = await this.#add(nothingFound(), await indexFindings(this.#work));
    const large = await largeFindings(this.#work);
    await this.#add(last, large.findings);
    last.more += large.more;
    const { walk, items } = state;
    const { findings, accepted, more } = report(acceptances, [first, packs, walk.found, items.found, last]);
    // Damage may hide what is accepted.
    if (walk.counts.commits > 0 && !isDamaged(findings) && more === 0) {
      const met = new Set(accepted.flatMap(({ loss }) => loss?.object ?? []));
      const known = new Set(state.accepted);
      const old = [...acceptances.accepted].filter(([object]) => known.has(object));
      const outlived = findOutlived({ ...acceptances, accepted: new Map(old) }, { met, gaps: items.gaps }, state.share);
      findings.push(...outlived);
    }
    const commit = root === undefined ? null : state.head;
    return { commit, ...walk.counts, ...items.counts, ...largeRead(state.large), findings, more, accepted };
  }
}

/** Before the packs: whatever the branch leads to is listed by then. */
async function headOf(store: BlobStore): Promise<string | null> {
  const told = (await readBranch(store))?.commit;
  return told !== undefined && isCommitId(told) ? told : null;
}
