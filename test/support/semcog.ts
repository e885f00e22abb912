import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesAt } from '../git/stock-git.ts';
import { Organization } from './portal/organization.ts';
import type { EditingInfo, ItemRecord, Layer, PortalItem } from './portal/words.ts';

const run = promisify(execFile);
const folder = new URL('../fixtures/semcog/', import.meta.url).pathname;

/** An item of the genuine archive: what the unchanged script left of it, and whether these are the portal's bytes. */
export interface TakenItem {
  id: string;
  dir: string;
  status: 'unchanged' | 'changed' | 'absent';
  dataFile: string | null;
  exportFile?: string | null;
  content: string;
  takeover: 'yes' | 'no' | 'data only';
  why: string;
}

interface ListedLayer {
  id: number;
  name: string;
  editingInfo: EditingInfo | null;
}

interface Listing {
  members: string[];
  folders: { owner: string; id: string; title: string; created: number }[];
  items: (ItemRecord & {
    folderTitle: string | null;
    editDates?: { layers: ListedLayer[]; tables: ListedLayer[] };
  })[];
}

/** A clone of the genuine archive that the unchanged script made: a bare one, or a working copy. */
export async function cloneSemcog(to: string, kind: '--bare' | '--no-local' = '--bare'): Promise<string> {
  await run('git', ['clone', '--quiet', kind, '-b', 'master', join(folder, 'semcog-archive.bundle'), to]);
  return to;
}

/** What the archive holds of each item, as the truth about it says. */
export async function semcogItems(): Promise<TakenItem[]> {
  return JSON.parse(await readFile(join(folder, 'items.json'), 'utf8')) as TakenItem[];
}

/**
 * The organization as it stands after the archive's last commit. Data that the archive has is that of the archive; what it has not
 * is made up.
 * @param clone a bare clone of the archive
 */
export async function semcogOrganization(clone: string): Promise<Organization> {
  const listing = JSON.parse(await readFile(join(folder, 'listing.json'), 'utf8')) as Listing;
  const truth = new Map((await semcogItems()).map((item) => [item.id, item]));
  const files = listing.items.flatMap(({ id }) => dataFileOf(truth.get(id)) ?? []);
  const held = await filesAt(
    clone,
    files.map((file) => `HEAD:${file}`),
  );
  const org = new Organization();
  for (const username of listing.members) org.addMember(username);
  for (const { owner: username, ...rest } of listing.folders)
    org.folders.set(username, [...(org.folders.get(username) ?? []), { username, ...rest }]);
  for (const { folderTitle: _, editDates, ...record } of listing.items) {
    const file = dataFileOf(truth.get(record.id));
    const data = file === undefined ? madeUp(record) : held[files.indexOf(file)];
    const url = record.url?.replace('https://portal.example/', '{portal}/') ?? null;
    const fields = { ...record, url, folder: record.ownerFolder, data: data ?? undefined };
    const item =
      editDates === undefined
        ? org.addItem(fields as Parameters<Organization['addItem']>[0])
        : org.addService({
            ...(fields as Parameters<Organization['addService']>[0]),
            layers: editDates.layers.map(({ name }) => name),
            tables: editDates.tables.map(({ name }) => name),
          });
    rename(org, item, url);
    const all: Layer[] = [...(item.service?.layers ?? []), ...(item.service?.tables ?? [])];
    for (const [n, { editingInfo }] of [...(editDates?.layers ?? []), ...(editDates?.tables ?? [])].entries()) {
      const layer = all[n];
      if (layer) layer.editingInfo = editingInfo;
    }
    // The simulated portal lets its own clock run over the record, and takes the size from the data.
    Object.assign(item.record, { modified: record.modified, created: record.created, size: record.size });
  }
  return org;
}

/** A service has the name that its address says. */
function rename(org: Organization, { service }: PortalItem, url: string | null): void {
  const name = /services\/([^/]+)\/FeatureServer/.exec(url ?? '')?.[1];
  if (service === null || name === undefined || !url?.startsWith('{portal}')) return;
  org.services.delete(service.name);
  service.name = name;
  org.services.set(name, service);
}

function dataFileOf(item: TakenItem | undefined): string | undefined {
  const name = item?.dataFile ?? null;
  return item === undefined || name === null || name.startsWith('(') ? undefined : `${item.dir}/${name}`;
}

/** Some data of the listed size, for items that the archive does not have as they are now. */
function madeUp({ size, type }: ItemRecord): Buffer | null {
  if (size <= 0 || type === 'Feature Service') return null;
  return Buffer.from(`{"made":"up"${' '.repeat(Math.max(0, size - 13))}}`);
}
