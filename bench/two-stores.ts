import { startLocalHost } from '../lib/cli/local-host.ts';
import type { BlobStore } from '../lib/storage/blob-store.ts';
import { MemoryStore } from '../lib/storage/memory.ts';
import { VirtualClock } from '../test/support/clock.ts';
import { largeOrganization } from '../test/support/demo-organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';

/**
 * What a night writes, deletes and leaves as versions in each account, in bytes: 10,000 items, of which 200 changed, and five large
 * exports. With one store both columns would be the archive's.
 */
const exportBytes = 64 * 1024 ** 2;

/** Bytes of one account, and requests that cost money. */
class Account {
  written = 0;
  deleted = 0;
  /** overwritten or deleted: kept as versions where the account keeps them */
  versions = 0;
  writes = 0;
  readonly #sizes = new Map<string, number>();

  put(name: string, size: number): void {
    this.versions += this.#sizes.get(name) ?? 0;
    this.#sizes.set(name, size);
    this.written += size;
    this.writes += 1;
  }

  delete(name: string): void {
    const size = this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
    this.deleted += size;
    this.versions += size;
  }

  begin(): void {
    this.written = this.deleted = this.versions = this.writes = 0;
  }

  line(): string {
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    return `${megabytes(this.written)} written in ${this.writes} requests, ${megabytes(this.deleted)} deleted, ${megabytes(this.versions)} overwritten or deleted`;
  }
}

/** A store whose bytes are counted. */
function accounted(store: BlobStore, account: Account): BlobStore {
  return {
    address: store.address,
    create: () => store.create(),
    get: (name, range) => store.get(name, range),
    stream: (name, range) => store.stream(name, range),
    stat: (name) => store.stat(name),
    list: (prefix) => store.list(prefix),
    put: async (name, bytes, condition) => {
      const etag = await store.put(name, bytes, condition);
      if (etag !== undefined) account.put(name, bytes.length);
      return etag;
    },
    putStream: async (name, body) => {
      const info = await store.putStream(name, body);
      account.put(name, info.size);
      return info;
    },
    copy: async (from, to) => {
      const size = (await store.stat(from))?.size ?? 0;
      const isThere = await store.copy(from, to);
      if (isThere) account.put(to, size);
      return isThere;
    },
    delete: async (name) => {
      await store.delete(name);
      account.delete(name);
    },
  };
}

const clock = new VirtualClock();
const org = largeOrganization({ members: 200, items: 10_000, services: 0 });
const layers = [1, 2, 3, 4, 5].map(
  (n) =>
    org.addService({ owner: 'member0000', title: `Large ${n}`, layers: ['A'], exportBytes: exportBytes + n }).record.id,
);
const portal = await startPortal({ org, clock });
const [archive, scratch] = [new Account(), new Account()];
const { host, app } = await startLocalHost({ ...portal.env, BACKUP_STORE: 'file:./nowhere' }, () => undefined, {
  store: accounted(new MemoryStore({ clock }), archive),
  scratch: accounted(new MemoryStore({ clock }), scratch),
  clock,
});

async function night(what: string): Promise<void> {
  for (const each of [archive, scratch]) each.begin();
  const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const { runId } = JSON.parse(answer.body) as { runId: string };
  await host.completed('ago-backup');
  const record = await app.readRecord(runId);
  console.log(`${what}: ${record?.outcome}, ${record?.added} added, ${record?.changed} changed`);
  console.log(`  archive: ${archive.line()}\n  scratch: ${scratch.line()}`);
  if (record?.outcome !== 'complete') process.exitCode = 1;
}

await night('first night');
clock.advance(86_400_000);
let left = 200;
for (const { record } of [...org.items.values()]) {
  if (record.type !== 'Web Map' || left-- <= 0) continue;
  org.editItem(record.id, { snippet: 'Edited' });
}
for (const id of layers) org.editRows(id, 0);
await night('a night with 200 changes and five large exports');
clock.advance(86_400_000);
await night('an unchanged night');
await host.close();
await portal.close();
