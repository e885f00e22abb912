import assert from 'node:assert/strict';
import type { RunRecord, RunRequest } from '../../../lib/backup/run.ts';
import { faulty, type Fault, type NumberedCall } from '../stores/faulty.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { Strikes } from '../stores/strikes.ts';
import { readArchive } from '../archive.ts';
import { skewed, VirtualClock } from '../clock.ts';
import { nonDeterministic, type Around } from '../invocations.ts';
import { runOnce } from '../one-run.ts';
import { contentOf, fixture } from '../portal/content.ts';
import { Organization } from '../portal/organization.ts';
import { startPortal, type SimulatedPortal } from '../portal/portal.ts';
import { seeded } from '../random.ts';
import { faults, listingFaultOf, storeFaults } from './faults.ts';
import { assertComplete, assertKept, assertQuietElsewhere, assertRecord } from './laws.ts';
import { change, itemsOf, membersOf, pick } from './members.ts';
import type { Step } from './steps.ts';

/** An archive as it was after a run. */
export type Past = Awaited<ReturnType<typeof readArchive>>;

/** What may go wrong in a night. */
export interface Trouble {
  /** at the portal, with members and items */
  portal: boolean;
  /** at the portal, with what every run needs */
  run: boolean;
  store: boolean;
  /** listings of the store are not what it holds */
  stale: boolean;
  /** the clock is wrong: what members changed quietly may not be due */
  clock: boolean;
}

/** What is known of a night when it is over. */
export interface Night {
  portal: SimulatedPortal;
  request: RunRequest;
  record: RunRecord | undefined;
  before: Past;
  after: Past;
  trouble: Trouble;
}

/** How much happened in all histories. */
export interface Tally {
  histories: number;
  nights: number;
  portalFaults: number;
  storeFaults: number;
  cuts: number;
  losses: number;
}

const noTrouble: Trouble = { portal: false, run: false, store: false, stale: false, clock: false };

/** One organization with its archive, and what is known of both. */
export class World {
  readonly org = new Organization();
  readonly #clock = new VirtualClock();
  readonly #store = new MemoryStore({ clock: this.#clock });
  readonly #password = this.org.admin.password;
  readonly #settings: Record<string, string>;
  readonly #tally: Tally;
  #portal!: SimulatedPortal;
  #past!: Past;
  /** may the next run of everything find something to do? */
  #isChanged = true;
  #trouble = { ...noTrouble };
  #decisions: ((call: NumberedCall) => Fault)[] = [];
  #around: Around | undefined;
  /** ms by which the worker's clock is wrong */
  #skew = 0;

  constructor(lanes: number, tally: Tally) {
    this.#tally = tally;
    this.#settings = {
      BACKUP_RECHECK_DAYS: '1',
      BACKUP_PRUNE_LIMIT: '1',
      BACKUP_EXPORT_TIMEOUT: '1',
      BACKUP_LFS_THRESHOLD: '1700',
      BACKUP_CONCURRENCY: String(lanes),
    };
  }

  async open(): Promise<void> {
    for (const name of ['ana', 'ben']) this.org.addMember(name);
    const folder = this.org.addFolder('ana', 'Maps').id;
    this.org.addService({ owner: 'ana', folder, title: 'Parcels', layers: ['A'] });
    const resources = { 'a.json': contentOf('{"n":1}'), 'pictures/b.png': fixture('logo.png') };
    const infos = { 'thumbnail/map.png': fixture('thumbnail.png') };
    this.org.addItem({ owner: 'ana', folder, type: 'Web Map', title: 'Map', json: {}, resources, infos });
    this.org.addItem({ owner: 'ben', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
    this.#portal = await startPortal({ org: this.org, clock: this.#clock, behaviour: { mostOnPage: 3 } });
    this.#past = await readArchive(this.#store);
  }

  /** Will something go wrong in the next run? */
  get isTroubled(): boolean {
    return Object.values(this.#trouble).includes(true);
  }

  close(): Promise<void> {
    return this.#portal.close();
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'night':
        return this.night(this.#requestOf(step));
      case 'portal':
        return this.#spoilPortal(step);
      case 'store':
        return this.#spoilStore(step);
      case 'cut':
        return this.#cut(step);
      case 'during':
        return this.#during(step.n, () => change(this.org, step.change));
      case 'clock':
        this.#trouble.clock = true;
        return void (this.#skew = step.days * 86_400_000);
      case 'worker':
        return void (this.#around = this.#lose(step));
      case 'exports':
        // No trouble: what an export lacks is read row by row; but with force that is another form of the same rows.
        this.#portal.jobs.rules.holds = step.holds;
        this.#isChanged = true;
        return;
      case 'rights':
        this.#trouble.run = true;
        return this.#during(step.n, () => void (this.org.admin.role = 'org_user'));
      case 'down':
        Object.assign(this.#trouble, { portal: true, run: true });
        return void this.#portal.faults.add({ skip: step.n, times: Infinity, answer: { status: 503 } });
      case 'password':
        this.#trouble.run = true;
        return this.#during(step.n, () => {
          this.org.admin.password = 'changed';
          this.#portal.tokens.expireAll();
        });
      default:
        this.#isChanged = true;
        change(this.org, step);
    }
  }

  /** A run, and everything that must hold after it. */
  async night(request: RunRequest = {}): Promise<void> {
    const portal = this.#portal;
    const had = portal.faults.hits;
    const through = faulty(this.#store, (call) => this.#decide(call), this.#clock);
    const clock = skewed(this.#clock, this.#skew);
    const common = { portal, store: this.#store, clock, settings: this.#settings, around: this.#around };
    const record = await runOnce({ ...common, through, request });
    this.#tally.nights += 1;
    this.#tally.portalFaults += portal.faults.hits - had;
    const after = await readArchive(this.#store);
    const night: Night = { portal, request, record, before: this.#past, after, trouble: this.#trouble };
    await this.#judge(night);
    this.#past = after;
    this.#calm();
  }

  #decide(call: NumberedCall): Fault {
    const fault = this.#decisions.reduce<Fault>((found, decide) => found ?? decide(call), undefined);
    if (fault !== undefined) this.#tally.storeFaults += 1;
    return fault;
  }

  async #judge(night: Night): Promise<void> {
    const isFair = !this.isTroubled;
    const isWhole = night.request.users === undefined && night.request.items === undefined;
    assertRecord(night);
    assertKept(night);
    if (isFair && isWhole) await assertComplete(night);
    if (isFair && !isWhole) await assertQuietElsewhere(night);
    if (isFair && !this.#isChanged) assert.equal(night.record?.commit, null, 'a quiet night made a commit');
    // What a night left undone is a change of the next one.
    const areSpoiled = night.portal.jobs.rules.holds !== 'whole';
    this.#isChanged = (this.#isChanged && !isWhole) || !isFair || areSpoiled;
  }

  /** The weather of one night ends with it. */
  #calm(): void {
    this.#portal.faults.clear();
    this.#portal.jobs.rules.holds = 'whole';
    this.org.admin.role = 'org_admin';
    this.org.admin.password = this.#password;
    this.#decisions = [];
    this.#trouble = { ...noTrouble };
    this.#around = undefined;
    this.#skew = 0;
    this.#clock.advance(86_400_000);
  }

  #requestOf({ of, n }: Extract<Step, { do: 'night' }>): RunRequest {
    if (of === 'force') return { force: true };
    if (of === 'member') return { users: [pick(membersOf(this.org), n) ?? ''] };
    const item = of === 'item' ? pick(itemsOf(this.org), n) : undefined;
    return item === undefined ? {} : { items: [item.record.id] };
  }

  #spoilPortal({ fault, n, chance }: Extract<Step, { do: 'portal' }>): void {
    const [match, answer, times, cost] = faults[fault] ?? assert.fail();
    this.#trouble.portal = true;
    if (n === 5) return void this.#portal.faults.add(listingFaultOf(this.org, fault));
    this.#trouble.run ||= cost === 'run';
    if (chance) this.#portal.faults.add({ match, answer, times: Infinity, rate: 0.2, seed: n });
    else this.#portal.faults.add({ match, answer, times, skip: n % 3 });
  }

  #spoilStore({ fault, n, chance }: Extract<Step, { do: 'store' }>): void {
    const strike = storeFaults[fault] ?? assert.fail();
    this.#trouble.store = true;
    if (typeof strike.fault === 'object' && 'stale' in strike.fault) this.#trouble.stale = true;
    const skip = strike.verb === undefined ? n : n % 4;
    const more = chance ? { rate: 0.15, times: Infinity } : { skip };
    const strikes = new Strikes([{ ...strike, ...more }], seeded(n));
    this.#decisions.push((call) => strikes.decide(call));
  }

  #cut({ n, after }: Extract<Step, { do: 'cut' }>): void {
    this.#trouble.store = true;
    this.#tally.cuts += 1;
    this.#decisions.unshift((call) => (call.n < n ? undefined : call.n === n && after ? 'after' : 'before'));
  }

  /** Costs nothing; but nobody calls the first orchestrator again. */
  #lose({ of, n }: Extract<Step, { do: 'worker' }>): Around {
    let left = n;
    return async ({ name, kind }, execute) => {
      if (kind !== of || name === 'backup' || left-- !== 0) return execute();
      this.#tally.losses += 1;
      if (n % 2 === 0) await execute();
      throw new Error(kind === 'activity' ? 'The language worker process exited.' : nonDeterministic);
    };
  }

  #during(n: number, happen: () => void): void {
    this.#trouble.portal = true;
    this.#isChanged = true;
    this.#portal.faults.add({ skip: n, answer: { after: happen } });
  }
}
