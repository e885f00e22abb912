import assert from 'node:assert/strict';
import { app, replaceParts } from '../../lib/app.ts';
import type { RestoreRequest, Restores } from '../../lib/api/restores.ts';
import type { RunRequest } from '../../lib/backup/run.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { openStore } from '../../lib/storage/open.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import type { RestoreResult } from '../../lib/restore/words.ts';
import { VirtualClock } from './clock.ts';
import { runOnce } from './one-run.ts';
import { Organization } from './portal/organization.ts';
import { startPortal, type PortalOptions, type SimulatedPortal } from './portal/portal.ts';
import type { PortalItem } from './portal/words.ts';

/** A portal with an archive of it, and an account that restores. */
export interface World {
  portal: SimulatedPortal;
  org: Organization;
  store: BlobStore;
  clock: VirtualClock;
  env: Record<string, string>;
  /** one backup; it must be complete */
  backup(request?: RunRequest): Promise<string>;
  /** as a command of a process of its own has them */
  restores(through?: BlobStore): Restores;
  /** plans and does it */
  restore(request: RestoreRequest): Promise<RestoreResult>;
}

/** What ends, and takes along what was made for it: a test, or all tests of a file. */
export interface Ending {
  after: (end: () => Promise<void>) => void;
}

/** What a world may be told besides. */
export interface WorldOptions {
  settings?: Record<string, string>;
  /** address of the store, where other processes are to have it; in memory unless given */
  at?: string;
}

/** Everything goes when the test ends; the account of the backup may have changed nothing by then. */
export async function newWorld(t: Ending, options: PortalOptions & WorldOptions = {}) {
  const clock = new VirtualClock();
  const { org = new Organization(), settings = {}, at } = options;
  org.addMember('keeper', { role: 'org_admin' });
  const portal = await startPortal({ clock, ...options, org });
  const store = at === undefined ? new MemoryStore({ clock }) : openStore(at, { clock });
  const env = {
    ...portal.env,
    BACKUP_STORE: at ?? 'file:./nowhere',
    RESTORE_USERNAME: 'keeper',
    RESTORE_PASSWORD: 'keeper-password',
    RESTORE_RATE: '0',
    ...settings,
  };
  t.after(async () => {
    await portal.close();
    assert.deepEqual(portal.writesOf('backup'), [], 'the account of the backup changed something');
    assert.deepEqual(portal.leaks, [], 'credentials reached a foreign host');
  });
  let hosts = 0;
  const restores = (through: BlobStore = store): Restores => {
    hosts += 1;
    const host = { id: `process ${hosts}`, name: 'a laptop', isGone: () => Promise.resolve(true) };
    replaceParts({ env, clock, store: through, host });
    return app().restores;
  };
  const world: World = {
    portal,
    org,
    store,
    clock,
    env,
    backup: async (request = {}) => {
      const record = await runOnce({ portal, store, clock, request });
      assert.equal(record?.outcome, 'complete', JSON.stringify(record));
      clock.advance(60_000);
      return record.runId;
    },
    restores,
    restore: async (request) => {
      const own = restores();
      return own.start(await own.plan(request));
    },
  };
  return world;
}

/** All that the portal has of an item that a restore is to bring back, without what the portal itself counts. */
export function imageOf({ record, data, metadata, infos, resources, groups }: PortalItem) {
  const { id: _id, created: _created, modified: _modified, thumbnail, size: _size, ...fields } = record;
  const own = (keyword: string) => !/^(?:source|restore)-/.test(keyword);
  return {
    ...fields,
    typeKeywords: record.typeKeywords.filter(own).sort(),
    data: data?.sha256() ?? null,
    metadata: metadata?.sha256() ?? null,
    thumbnail: (thumbnail === null ? undefined : infos.get(thumbnail))?.sha256() ?? null,
    infos: [...infos].filter(([path]) => !path.startsWith('thumbnail/')).map(([path, file]) => [path, file.sha256()]),
    resources: [...resources].map(([name, { content, access }]) => [name, content.sha256(), access]).sort(),
    groups: [...groups].sort(),
  };
}
