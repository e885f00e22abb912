import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Replacements } from '../../lib/replacements.ts';
import type { RunRecord } from '../../lib/backup/run.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { VirtualClock } from './clock.ts';
import { aroundInvocations, type Around } from './invocations.ts';
import { contentOf } from './portal/content.ts';
import { Organization } from './portal/organization.ts';
import { startPortal, type SimulatedPortal } from './portal/portal.ts';
import { fsck } from './stores/copies.ts';

/** The functions in this process, over one store. */
export type Opened = Awaited<ReturnType<typeof startLocalHost>>;

/** How one run ended. */
export interface Night {
  runId: string;
  status: string;
  record: RunRecord | undefined;
}

/** Small parts go into git, everything else is a Git LFS object. */
const settings = { BACKUP_STORE: 'file:./nowhere', BACKUP_LFS_THRESHOLD: '1024', BACKUP_CONCURRENCY: '3' };

/**
 * An organization that has been backed up once and has changed since, of every kind that a run treats in a way of its own:
 * each test disturbs the second night on a copy of the store, and compares with what an undisturbed one made of it.
 */
export class Nights {
  readonly clock = new VirtualClock();
  readonly org = new Organization();
  /** after the first night */
  readonly base = new MemoryStore({ clock: this.clock });
  portal!: SimulatedPortal;
  /** after an undisturbed second night */
  uncut!: MemoryStore;
  /** root tree of it */
  tree = '';
  /** what it counted */
  sums: Partial<RunRecord> = {};
  readonly #ids: Record<string, string> = {};

  /** Lives through the first night and the day after it. */
  static async open(): Promise<Nights> {
    const nights = new Nights();
    nights.#fill();
    nights.portal = await startPortal({ org: nights.org, clock: nights.clock });
    await nights.night(nights.base);
    nights.#change();
    await nights.rehearse();
    assert.deepEqual(nights.sums, { outcome: 'complete', listed: 10, added: 2, changed: 5, unchanged: 3, removed: 1 });
    return nights;
  }

  /** Finds out what an undisturbed night makes of the portal as it is now. */
  async rehearse(): Promise<void> {
    this.uncut = this.base.snapshot();
    const { record } = await this.night(this.uncut);
    assert.ok(record);
    this.sums = sumsOf(record);
    this.tree = (await this.head(this.uncut)).tree;
  }

  /** Another day, on which the very items change that have changed the day before. */
  changeAgain(): void {
    this.org.editRows(this.id('Parcels'), 0);
    this.org.editRows(this.id('Inspections'), 0);
    this.org.replaceData(this.id('Report'), contentOf(pdf('third'), 'application/pdf'));
    this.org.replaceData(this.id('Large'), contentOf(pdf('larger', 30_000), 'application/pdf'));
    this.org.editItem(this.id('Map 2'), { snippet: 'Edited again' });
    this.org.deleteItem(this.id('New'));
    this.org.addItem({ owner: 'ana', type: 'Web Map', title: 'Newer', json: { newer: true } });
  }

  /** The id of an item by its title. */
  id(title: string): string {
    return this.#ids[title] ?? assert.fail(title);
  }

  #fill(): void {
    for (const name of ['ana', 'ben']) this.org.addMember(name);
    const items = [
      ...[1, 2, 3].map((n) => this.org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n } })),
      this.org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }),
      this.org.addItem({
        owner: 'ben',
        type: 'PDF',
        title: 'Report',
        name: 'report.pdf',
        data: pdf('first'),
        metadata: '<metadata/>',
      }),
      this.org.addItem({ owner: 'ben', type: 'Shapefile', title: 'Roads', file: 'roads.zip', metadata: '<metadata/>' }),
      this.org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'], tables: ['C'] }),
      this.org.addService({ owner: 'ben', title: 'Inspections', tables: ['T'] }),
    ];
    for (const { record } of items) this.#ids[record.title ?? ''] = record.id;
    this.org.share(this.id('Roads'), this.org.addGroup('Crew', { owner: 'ana' }).id);
    this.org.addItem({ owner: 'ben', type: 'Web Map', title: 'Untouched', json: {} });
  }

  #change(): void {
    this.org.editRows(this.id('Parcels'), 0);
    this.org.editRows(this.id('Inspections'), 0);
    this.org.replaceData(this.id('Report'), contentOf(pdf('second'), 'application/pdf'));
    this.org.editItem(this.id('Map 2'), { snippet: 'Edited' });
    this.org.moveItem(this.id('Map 1'), this.org.addFolder('ana', 'Maps').id);
    this.org.deleteItem(this.id('Flyer'));
    this.#ids['New'] = this.org.addItem({ owner: 'ben', type: 'Web Map', title: 'New', json: { new: true } }).record.id;
    const file = { name: 'large.pdf', data: pdf('large', 20_000) };
    this.#ids['Large'] = this.org.addItem({ owner: 'ana', type: 'PDF', title: 'Large', ...file }).record.id;
  }

  /** The functions over this store, with caches of their own, as after a start of the process. */
  open(store: BlobStore, more: Replacements & { env?: Record<string, string> } = {}): Promise<Opened> {
    const { env, ...replacements } = more;
    const given = { ...this.portal.env, ...settings, ...env };
    return startLocalHost(given, () => undefined, { store, clock: this.clock, ...replacements });
  }

  /** One run in a process of its own, with something around its activities and orchestrators. */
  async night(store: BlobStore, around?: Around, more?: Parameters<Nights['open']>[1]): Promise<Night> {
    const opened = await this.open(store, more);
    const remove = around && (await aroundInvocations(around));
    try {
      return await this.run(opened);
    } finally {
      await opened.host.close();
      remove?.();
    }
  }

  /** Starts a run and waits for its end. */
  async run(opened: Opened): Promise<Night> {
    return this.end(opened, await this.start(opened));
  }

  /** Starts a run, a minute after whatever was before; its id. */
  async start({ host }: Opened): Promise<string> {
    this.clock.advance(60_000);
    const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
    assert.equal(answer.status, 202, answer.body);
    return (JSON.parse(answer.body) as { runId: string }).runId;
  }

  /** Waits for a run's end. */
  async end({ host, app }: Opened, runId: string): Promise<Night> {
    const { status } = await host.completed('ago-backup');
    return { runId, status, record: await app.readRecord(runId) };
  }

  /** Where the branch is. */
  async head(store: BlobStore) {
    const head = await openRepository(store, { random: () => '0'.repeat(40), clock: this.clock }).head();
    return head ?? assert.fail('the repository lost its branch');
  }

  /**
   * What must hold after the second night, whatever was done to it: by stock git's word the repository is sound and has so
   * many commits, the tree is that of the undisturbed night, the large files are there, and the portal is as it was.
   */
  async assertUndisturbed(t: TestContext, store: BlobStore, commits = 2): Promise<void> {
    assert.equal((await this.head(store)).tree, this.tree, 'another tree than without the disturbance');
    await this.assertSound(t, store, commits);
    await assertLargeFiles(store, this.uncut);
  }

  /** The part of it that does not ask which tree it is. */
  async assertSound(t: TestContext, store: BlobStore, commits: number): Promise<void> {
    assert.equal(await fsck(t, store), commits, 'one commit for each night with changes');
    const left = this.portal.leftovers().map(({ record }) => record);
    // What one test leaves must not disturb the next.
    for (const { id } of left) this.org.deleteItem(id);
    assert.deepEqual(
      left.map(({ title }) => title),
      [],
      'an export is left in the portal',
    );
    assert.deepEqual(this.portal.writes(), []);
    assert.deepEqual(this.portal.leaks, []);
  }

  /** The run ended well and counted what there was. */
  assertComplete({ status, record }: Night): void {
    assert.ok(record, 'the run left no record');
    assert.deepEqual(
      [status, sumsOf(record)],
      ['Completed', this.sums],
      JSON.stringify(record.error ?? record.warnings),
    );
  }
}

/** What must be the same however often something was executed. Exports that a dead run left are listed as well, and left out. */
function sumsOf({ outcome, listed, added, changed, unchanged, excluded, failed, removed }: RunRecord) {
  assert.equal(listed, added + changed + unchanged + excluded + failed, 'the sums do not close');
  return { outcome, listed: listed - excluded, added, changed, unchanged, removed };
}

/** A PDF that differs from others. */
export function pdf(text: string, size = 3000): Buffer {
  return Buffer.concat([Buffer.from(`%PDF-1.7\n% ${text}\n`), Buffer.alloc(size, text), Buffer.from('\n%%EOF\n')]);
}

/** Every large file of the other store is here as well, under the hash of its bytes. */
async function assertLargeFiles(store: BlobStore, wanted: BlobStore): Promise<void> {
  for await (const { name } of wanted.list('lfs/')) {
    const bytes = (await store.get(name))?.bytes ?? assert.fail(`${name} is missing`);
    assert.ok(name.endsWith(createHash('sha256').update(bytes).digest('hex')), `${name} is damaged`);
  }
}
