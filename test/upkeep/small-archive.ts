import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { runOnce } from '../../lib/cli/run.ts';
import type { RunRecord, RunRequest } from '../../lib/backup/run.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { VirtualClock } from '../support/clock.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal, type SimulatedPortal } from '../support/portal/portal.ts';

/** An archive of three commits with Git LFS objects, made once, and the portal it was made from. */
export class SmallArchive {
  readonly clock = new VirtualClock();
  readonly org = new Organization();
  readonly store = new MemoryStore({ clock: this.clock });
  /** an item with a Git LFS object that has been the same since the first commit */
  flyer = '';
  #portal: SimulatedPortal | undefined;

  async open(): Promise<void> {
    const { org } = this;
    org.addMember('ana');
    const changing = org.addItem({ owner: 'ana', type: 'CSV', title: 'Stations', file: 'stations.csv' }).record.id;
    this.flyer = org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
    const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { n: 1 } }).record.id;
    org.addItem({ owner: 'backup', type: 'Web Map', title: 'Other', json: { n: 2 } });
    org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] });
    this.#portal = await startPortal({ org, clock: this.clock });
    await this.run(this.store);
    this.clock.advance(86_400_000);
    org.editItem(map, { snippet: 'edited' });
    await this.run(this.store);
    this.clock.advance(86_400_000);
    org.deleteItem(changing);
    org.editItem(map, { snippet: 'edited again' });
    await this.run(this.store);
  }

  /** One run over this store. */
  async run(store: BlobStore, request: RunRequest = {}): Promise<RunRecord> {
    const portal = this.#portal ?? assert.fail();
    const env = { ...portal.env, BACKUP_STORE: 'file:./nowhere', BACKUP_LFS_THRESHOLD: '1024' };
    const local = await startLocalHost(env, () => undefined, { store, clock: this.clock });
    try {
      return await runOnce(local, request);
    } finally {
      await local.host.close();
    }
  }

  async head(store: BlobStore) {
    return (await this.repository(store).head()) ?? assert.fail('no commit');
  }

  repository(store: BlobStore) {
    return openRepository(store, { random: () => '0'.repeat(40), clock: this.clock });
  }

  async close(): Promise<void> {
    await this.#portal?.close();
  }
}

/** One for all tests of a file. */
export function smallArchive(): SmallArchive {
  const archive = new SmallArchive();
  before(() => archive.open());
  after(() => archive.close());
  return archive;
}
