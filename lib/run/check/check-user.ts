import type { Listing } from '../../arcgis/content/listing.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { ListingCursor } from '../../arcgis/content/listing-cursor.ts';
import { leftOutOf } from '../../backup/changes.ts';
import { noCounts } from '../../backup/counts.ts';
import type { CheckEnd } from './accepted-checks.ts';
import type { Counts } from '../../backup/counts.ts';
import type { Index, Item } from '../../backup/item.ts';
import type { Log } from '../../monitor/log.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { needJson, writeJson } from '../../storage/json-blobs.ts';
import type { Failure } from '../../errors.ts';
import { groupsLeftOut } from './groups-left-out.ts';
import { checkItem, failureOfOne } from './check-item.ts';
import { readIndexOf } from '../../archive/member-index.ts';
import { sweepExport, sweepRecycleBin, warnOf, type Kinship } from './stray-exports.ts';
import type { Deps } from '../deps.ts';
import type { RunStep } from '../../backup/run.ts';
import type { MemberOnLane } from '../begin/begin-run.ts';
import { readMemberLists } from '../begin/member-lists.ts';

/** checkUser's input. */
export interface CheckInput extends RunStep, MemberOnLane {
  /** was the run asked for some items? The rest of the member is not looked at then */
  someItems: boolean;
  force: boolean;
  lastRun: number | null;
  /** the check that stopped before its end and goes on here */
  resume: string | null;
}

/**
 * checkUser's output; `done: false` = call again, it goes on where it stopped. `check` names what it wrote down; null =
 * nothing to write. Only checks that came back this way count, so that one executed twice leaves nothing double.
 */
export type Checked = { done: false; check: string | null } | ({ done: true; check: string | null } & Counts);

/** How far the check of one member is; a long one goes on from here in another activity. */
interface State {
  walk: ListingCursor;
  counts: Counts;
  end: CheckEnd;
  /** does the member own layers that are exported? */
  exports: boolean;
  /** the greatest time that an item of the listing has, epoch ms */
  newest: number;
}

/** ms in one activity, so that it stays below five minutes on a slow portal */
const longest = 120_000;

/**
 * Compares a member's whole content with what the archive holds, page by page, and writes down what is to be fetched and
 * what is missing. A member whose content cannot be listed is a failure of this member alone, and none of their items is
 * taken for missing. Throws what ends the run: with that there is no use in going on.
 */
export async function checkUser(deps: Deps, input: CheckInput, log: Log): Promise<Checked> {
  const begun = deps.clock.now();
  const { runId, username: user } = input;
  const portal = await deps.portal(runId);
  const asked = input.someItems ? await askedOf(deps, input) : null;
  const checked = await new MemberCheck(deps, portal, input, asked).run(begun + longest);
  if (checked.done) log({ event: 'user.checked', runId, user, count: checked.found, ms: deps.clock.now() - begun });
  return checked;
}

/** The items of this member that the run was asked for; null = all. */
async function askedOf(deps: Deps, { runId, username }: CheckInput): Promise<ReadonlySet<string> | null> {
  const { asked } = await readMemberLists(deps, runId);
  // Of a run that an older version began nobody has noted them: then the whole member is looked at, not nothing.
  if (!asked) return null;
  return new Set(asked.find((each) => each.username === username)?.items);
}

class MemberCheck {
  readonly #deps: Deps;
  readonly #portal: Portal;
  readonly #input: CheckInput;
  /** ids of the only items that are looked at; null = all */
  readonly #asked: ReadonlySet<string> | null;
  readonly #blobs: ReturnType<typeof runBlobs>;
  readonly #check: string;
  /** what was listed so far, for a listing that breaks off */
  #state: State | undefined;

  constructor(deps: Deps, portal: Portal, input: CheckInput, asked: ReadonlySet<string> | null) {
    this.#deps = deps;
    this.#portal = portal;
    this.#input = input;
    this.#asked = asked;
    this.#blobs = runBlobs(input.runId);
    // Also one that goes on where another stopped: it may be executed twice as well, and find other items each time.
    this.#check = deps.random().slice(0, 16);
  }

  async run(deadline: number): Promise<Checked> {
    try {
      return await this.#walk(deadline);
    } catch (error) {
      // What was listed before the portal gave no more is as good as ever; only what is missing from it proves nothing.
      const { end, counts } = this.#state ?? { end: nothing, counts: noCounts };
      return this.#finish(...this.#withFailure(end, counts, failureOfOne(error)));
    }
  }

  /** The member fails; what was found of them is saved all the same, and nothing that was not found is taken for missing. */
  #withFailure(end: CheckEnd, counts: Counts, failure: Failure): [CheckEnd, Counts] {
    const { username: owner } = this.#input;
    const failures = [...end.failures, { itemId: null, owner, title: '', ...failure }];
    return [
      { ...end, failures, missing: null },
      { ...counts, membersFailed: 1 },
    ];
  }

  async #walk(deadline: number): Promise<Checked> {
    const { username, tree, resume } = this.#input;
    const { store } = this.#deps;
    const saved = resume === null ? undefined : await needJson<State>(store, this.#blobs.checking(resume));
    const index = await readIndexOf(this.#deps, tree);
    const listing = this.#portal.content(username, saved?.walk);
    let state = saved ?? fresh(listing);
    for (;;) {
      this.#state = state;
      const step = await listing.next();
      if (step === 'end') return this.#end(listing, index, state);
      state = step === 'again' ? fresh(listing) : await this.#take(listing, index, state, step.items);
      if (this.#deps.clock.now() > deadline) {
        await writeJson(store, this.#blobs.checking(this.#check), { ...state, walk: listing.state });
        return { done: false, check: this.#check };
      }
    }
  }

  async #take(listing: Listing, index: Index, state: State, items: readonly Item[]): Promise<State> {
    const counts = { ...state.counts };
    const failures = [...state.end.failures];
    const leftOut = [...(state.end.leftOut ?? [])];
    const lines: string[] = [];
    const ids = [...state.end.ids];
    let { exports } = state;
    const newest = Math.max(state.newest, ...items.flatMap(({ created, modified }) => [created, modified]));
    const grouped = await groupsLeftOut(this.#deps, this.#portal, this.#input.runId);
    const check = { ...this.#input, portal: this.#portal, index, listing, newest, grouped };
    const asked = items.filter(({ id }) => this.#asked?.has(id) !== false);
    const verdicts = await this.#deps.lanes.map(asked, (item) => checkItem(this.#deps, check, item));
    for (const [n, verdict] of verdicts.entries()) {
      const item = asked[n] as Item;
      await this.#sweep(item, verdict.kinship);
      exports ||= verdict.exported;
      counts.listed += 1;
      counts[verdict.kind] += 1;
      if (verdict.kind === 'found') {
        lines.push(JSON.stringify(verdict.found));
        ids.push(item.id);
        if (isCategorized(item)) counts.categorized = (counts.categorized ?? 0) + 1;
      }
      if (verdict.kind === 'failed') failures.push(verdict.failure);
      if (verdict.kind === 'excluded' && verdict.why !== undefined) leftOut.push(leftOutOf(item, verdict.why));
    }
    const pages = [...state.end.pages];
    if (lines.length > 0) {
      // A listing that began anew writes over the pages that it had written.
      const page = this.#blobs.found(this.#check, pages.length);
      await this.#deps.store.put(page, Buffer.from(`${lines.join('\n')}\n`));
      pages.push(page);
    }
    return { ...state, counts, exports, newest, end: { ...state.end, failures, leftOut, pages, ids } };
  }

  async #sweep(item: Item, kinship: Kinship): Promise<void> {
    const { runId } = this.#input;
    if (kinship === 'imitation') await warnOf(this.#deps, runId, item);
    else if (kinship !== 'none') await sweepExport(this.#deps, this.#portal, runId, { item, intent: kinship });
  }

  async #end(listing: Listing, index: Index, { counts, exports, end }: State): Promise<Checked> {
    const { username, tree } = this.#input;
    const { lacking } = listing;
    if (this.#asked !== null) {
      const isAll = lacking === undefined || counts.listed === this.#asked.size;
      return isAll ? this.#finish(end, counts) : this.#finish(...this.#withFailure(end, counts, lacking.toJSON()));
    }
    const archived = Object.keys(index);
    const ids = archived.filter((id) => !listing.hasSeen(id));
    // A listing that is empty all of a sudden may be an answer to nobody.
    if (ids.length > 0 && listing.isEmpty) await this.#portal.prove();
    if (exports) await sweepRecycleBin(this.#deps, this.#portal, this.#input, index);
    const all = { ...counts, archived: archived.length };
    if (lacking) return this.#finish(...this.#withFailure(end, all, lacking.toJSON()));
    const missing = ids.length > 0 && tree !== null ? { username, tree, ids } : null;
    return this.#finish({ ...end, missing }, all);
  }

  async #finish(end: CheckEnd, counts: Counts): Promise<Checked> {
    const isNothing = end.pages.length === 0 && end.failures.length === 0 && !end.leftOut?.length;
    if (isNothing && end.missing === null) return { done: true, check: null, ...counts };
    await writeJson(this.#deps.store, this.#blobs.checked(this.#check), end);
    return { done: true, check: this.#check, ...counts };
  }
}

const nothing: CheckEnd = { pages: [], ids: [], failures: [], missing: null };

/** Bears it a category of the organization's schema? */
function isCategorized({ categories }: Item): boolean {
  return Array.isArray(categories) && categories.length > 0;
}

function fresh(listing: Listing): State {
  return { walk: listing.state, counts: noCounts, end: nothing, exports: false, newest: 0 };
}
