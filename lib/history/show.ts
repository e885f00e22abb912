import type { Archive } from '../archive/archive.ts';
import type { Part } from '../backup/item.ts';
import { confirmedManifest } from './confirm.ts';
import { itemText, layersOf, versionText, type ItemText, type VersionText } from './describe.ts';
import type { History, HistoryCommit } from './history.ts';
import { groupsAt } from './groups.ts';
import { jsonFile, recordOf } from './item-files.ts';
import { readUses, UseGraph, type Use, type User } from './uses.ts';
import type { Seen } from './version-at.ts';

/** All that is known of one version of an item. */
export interface Shown {
  /** as it is now, with the record of this version */
  item: ItemText & { record: Record<string, unknown> | null };
  version: VersionText;
  parts: readonly Part[];
  layers: VersionText['layers'];
  /** null where the portal told nobody but the owner */
  sharing: { access: string | null; groups: { id: string; title: string | null }[] } | null;
  notes: readonly unknown[];
  uses: Use[];
  /** also what hangs on it through others */
  usedBy: User[];
  /** how many versions there are in which the item was there */
  versions: number;
}

/** Shows a version of an item, with what it used then and what used it. */
export async function showItem(archive: Archive, history: History, version: Seen): Promise<Shown> {
  const { id } = version.after;
  const all = history.versions(id);
  const manifest = await confirmedManifest(archive, version.after);
  const graph = await UseGraph.read(archive, history.latest(version.commit));
  // A hash may be anything; only the item's files show which of them is the id of an item.
  const surely = graph.unknown(id).length > 0 ? (await readUses(archive, version.after)).surelyIds : new Set<string>();
  return {
    item: { ...itemText(all[0] ?? version), record: (await recordOf(archive, version.after)) ?? null },
    version: await versionText(archive, version),
    parts: manifest?.parts ?? [],
    layers: layersOf(manifest),
    sharing: await sharingOf(archive, version),
    notes: manifest?.notes ?? [],
    uses: graph.uses(id, surely),
    usedBy: graph.usedBy(id),
    versions: all.filter(({ after }) => after !== undefined).length,
  };
}

async function sharingOf(archive: Archive, { after, commit }: Seen): Promise<Shown['sharing']> {
  const sharing = await jsonFile(archive, after, 'sharing.json');
  if (sharing === null || typeof sharing !== 'object') return null;
  const { access, groups } = sharing as { access?: unknown; groups?: unknown };
  const ids = Array.isArray(groups) ? groups.filter((id) => typeof id === 'string') : [];
  const titles = ids.length === 0 ? new Map<string, string>() : await groupTitles(archive, commit);
  return {
    access: typeof access === 'string' ? access : null,
    groups: ids.map((id) => ({ id, title: titles.get(id) ?? null })),
  };
}

/** Titles of the organization's groups at a commit, by id. */
export async function groupTitles(archive: Archive, commit: HistoryCommit): Promise<Map<string, string>> {
  const groups = await groupsAt(archive, commit);
  return new Map([...groups].map(([id, { title }]) => [id, title]));
}
