import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { sumsClose } from '../../lib/backup/reconcile.ts';
import type { RunRecord } from '../../lib/backup/run.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { faulty } from './stores/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { Strikes, type Strike } from './stores/strikes.ts';
import { assertSameAsPortal, readArchive } from './archive.ts';
import { VirtualClock } from './clock.ts';
import { runOnce, type OneRun } from './one-run.ts';
import type { Fault } from './portal/faults.ts';
import { Organization } from './portal/organization.ts';
import { startPortal, type SimulatedPortal } from './portal/portal.ts';
import { seeded } from './random.ts';
import { fsck } from './stores/copies.ts';

/** What goes wrong during one run, and how the run ends. */
export interface Weather {
  /** `no record`: it could not even say how */
  ends: RunRecord['outcome'] | 'no record';
  /** of the failures of members and items, or of the run */
  codes?: string[];
  store?: Strike[] | ((store: BlobStore) => BlobStore);
  portal?: (portal: SimulatedPortal) => Fault;
  timeouts?: OneRun['timeouts'];
  /** does the portal hold something else afterwards? */
  alters?: true;
  /** is something of the portal hidden from the run, without a sign? */
  isBlind?: true;
  /** what ends with the night */
  mend?: (portal: SimulatedPortal) => void;
}

const settings = { BACKUP_LFS_THRESHOLD: '1024', BACKUP_CONCURRENCY: '1', BACKUP_EXPORT_TIMEOUT: '1' };

/** An organization that was backed up once, and has changed since: what each run of a test finds. */
export class WeatherStation {
  portal!: SimulatedPortal;
  readonly #clock = new VirtualClock();
  readonly #base = new MemoryStore({ clock: this.#clock });
  /** ids that the archive has */
  #old: string[] = [];
  /** the tree of a run that nothing disturbs */
  #wanted = '';

  /** Pages are short, so that every listing of a member has some. */
  async open(): Promise<void> {
    const org = new Organization();
    for (const name of ['ana', 'ben', 'cleo']) org.addMember(name);
    const maps = Array.from({ length: 7 }, (_, n) =>
      org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n } }),
    );
    const layer = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record.id;
    org.addItem({ owner: 'ben', type: 'Shapefile', title: 'Roads', file: 'roads.zip' });
    const gone = org.addItem({ owner: 'ben', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
    for (const title of ['Trees', 'Wells']) org.addItem({ owner: 'cleo', type: 'CSV', title, file: 'stations.csv' });
    org.share(layer, org.addGroup('Crew', { members: new Set(['ana']) }).id);
    this.portal = await startPortal({ org, clock: this.#clock, behaviour: { mostOnPage: 4 } });
    assert.equal((await this.#run({ store: this.#base }))?.outcome, 'complete');
    this.#old = [...(await readArchive(this.#base)).items.keys()];
    this.#clock.advance(86_400_000);
    org.editItem(maps[0]?.record.id ?? '', { title: 'Map of today' });
    org.editRows(layer, 0);
    org.deleteItem(gone);
    org.addItem({ owner: 'ben', type: 'File Geodatabase', title: 'Blocks', file: 'parcels.gdb.zip' });
    org.addItem({ owner: 'cleo', type: 'Web Map', title: 'New', json: { fresh: true }, access: 'org' });
    this.#wanted = await this.#undisturbed();
  }

  /** A run in this weather, and one in fine weather after it. */
  async endure(t: TestContext, weather: Weather): Promise<void> {
    const store = this.#base.snapshot();
    const record = await this.#stormy(t, store, weather);
    const why = JSON.stringify(record);
    assert.equal(record?.outcome ?? 'no record', weather.ends, why);
    const codes = [...(record?.failures ?? []), ...(record?.error ? [record.error] : [])].map(({ code }) => code);
    assert.deepEqual([...new Set(codes)].sort(), weather.codes ?? [], why);
    if (record) assert.ok(sumsClose(record), why);
    const held = await this.#checked(t, store);
    for (const id of this.#old) assert.ok(held.items.has(id) || !this.portal.org.items.has(id), `${id} is lost`);
    if (weather.ends === 'complete' && !weather.isBlind) await assertSameAsPortal(held, this.portal);

    assert.equal((await this.#run({ store }))?.outcome, 'complete', 'the next run');
    if (weather.alters) this.#wanted = await this.#undisturbed();
    assert.equal((await this.#checked(t, store)).tree, this.#wanted);
    const { portal } = this;
    assert.deepEqual([portal.leftovers(), portal.writes(), portal.leaks], [[], [], []]);
  }

  async #stormy(t: TestContext, store: BlobStore, weather: Weather): Promise<RunRecord | undefined> {
    const { portal } = this;
    const strikes = new Strikes(Array.isArray(weather.store) ? weather.store : [], seeded(7));
    const through =
      typeof weather.store === 'function'
        ? weather.store(store)
        : faulty(store, (call) => strikes.decide(call), this.#clock);
    const fault = weather.portal && portal.faults.add(weather.portal(portal));
    const { timeouts } = weather;
    const record = await this.#run({ store, through, ...(timeouts && { timeouts }) });
    portal.faults.clear();
    weather.mend?.(portal);
    const hits = (fault?.hits ?? 0) + strikes.hits;
    if (fault || Array.isArray(weather.store)) assert.ok(hits > 0, 'the fault never struck');
    t.diagnostic(`${hits} faults`);
    return record;
  }

  #run(more: Pick<OneRun, 'store'> & Partial<OneRun>): Promise<RunRecord | undefined> {
    return runOnce({ portal: this.portal, clock: this.#clock, settings, ...more });
  }

  /** The tree of a run into an empty store: it depends on what the portal holds, and on nothing else. */
  async #undisturbed(): Promise<string> {
    const store = new MemoryStore({ clock: this.#clock });
    assert.equal((await this.#run({ store }))?.outcome, 'complete');
    const archive = await readArchive(store);
    await assertSameAsPortal(archive, this.portal);
    return archive.tree;
  }

  /** What the archive holds, once stock git has found nothing wrong with it. */
  async #checked(t: TestContext, store: BlobStore): ReturnType<typeof readArchive> {
    await fsck(t, store);
    return readArchive(store);
  }
}
