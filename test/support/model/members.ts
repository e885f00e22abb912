import { contentOf, jsonContent } from '../portal/content.ts';
import type { Organization } from '../portal/organization.ts';
import type { PortalFolder, PortalItem } from '../portal/words.ts';
import type { Change } from './steps.ts';

/** Members do something, to an organization of a few members and items; `n` says who, and with what. */
export function change(org: Organization, { do: what, n }: Change): void {
  const member = pick(membersOf(org), n) ?? 'backup';
  if (what === 'add') return add(org, member, n);
  if (what === 'join') return join(org, `member ${n % 3}`, n);
  if (what === 'leave') return leave(org, pick(leavers(org), n), n);
  if (what === 'folder') return changeFolder(org, n % 3 === 0 ? undefined : pick(foldersOf(org), n), member, n);
  const item = pick(itemsOf(org), n);
  if (item === undefined) return;
  if (what === 'group') changeGroup(org, item.record.id, n);
  else changeItem(org, item, { do: what, n });
}

/** All but temporary exports. */
export function itemsOf(org: Organization): PortalItem[] {
  return [...org.items.values()].filter(({ job }) => job === null);
}

/** All members, the account of the backup as well. */
export function membersOf(org: Organization): string[] {
  return [...org.accounts.keys()];
}

/** One of several, by any number. */
export function pick<T>(all: readonly T[], n: number): T | undefined {
  return all[n % Math.max(1, all.length)];
}

function changeItem(org: Organization, item: PortalItem, { do: what, n }: Change): void {
  const { id, owner, tags, type } = item.record;
  const folders = org.folders.get(owner) ?? [];
  if (what === 'edit') org.editItem(id, { snippet: `${org.now}` });
  if (what === 'replace' && type === 'Web Map') {
    // Of the same size: only its bytes tell that it is another one.
    item.resources.set('a.json', { content: contentOf(`{"n":${n % 10}}`), access: 'inherit', created: org.tick() });
    org.replaceData(id, jsonContent({ at: org.now }));
  }
  if (what === 'replace' && type === 'PDF')
    org.replaceData(id, contentOf(pdfs(org.now)[n % 3] ?? '', 'application/pdf'));
  if (what === 'replace' && type === 'Shapefile') org.replaceData(id, contentOf(`PK\u0003\u0004 no zip ${org.now}`));
  if (what === 'rename') org.editItem(id, { title: `Renamed ${n % 3}` });
  if (what === 'move') org.moveItem(id, n % 3 === 0 ? null : (pick(folders, n)?.id ?? null));
  if (what === 'delete') org.deleteItem(id);
  if (what === 'tag') org.editItem(id, { tags: tags.includes('ago_view') ? [] : ['ago_view'] });
  if (what === 'give') org.changeOwner(id, pick(membersOf(org), n + 1) ?? owner);
  if (what === 'rows' && item.service) editRows(org, id, n);
  if (what === 'share') org.quietlyEdit(id, { access: item.record.access === 'org' ? 'private' : 'org' });
}

/** What members upload under this name: a document, something else, and something that looks like an error. */
const pdfs = (now: number) => [`%PDF-1.4 ${now}`, `<html>${now}</html>`, `{"error":{"code":500,"message":"${now}"}}`];

const layersOf = (n: number) => ({
  ...(n % 2 === 0 && { tables: ['B'] }),
  ...(n % 3 === 0 && { dates: 'none' as const }),
});

/** A row comes, or one goes. */
function editRows(org: Organization, id: string, n: number): void {
  const rows = org.item(id).service?.layers[0]?.rows ?? [];
  const last = rows.at(-1);
  if (last !== undefined && n % 3 === 0) rows.pop();
  else rows.push({ id: (last?.id ?? 0) + 1, name: `row of ${org.now}`, day: null, attachments: [] });
  org.editRows(id, 0);
}

function add(org: Organization, owner: string, n: number): void {
  const title = `Item ${n % 4}`;
  const folder = n % 2 === 0 ? (org.folders.get(owner)?.[0]?.id ?? null) : null;
  if (n % 15 === 5) addView(org, { owner, folder, title });
  else if (n % 5 === 0) org.addService({ owner, folder, title, layers: ['A'], ...layersOf(n) });
  else if (n % 5 === 1) org.addItem({ owner, folder, type: 'PDF', title, file: 'flyer.pdf' });
  else if (n % 5 === 2) org.addItem({ owner, folder, type: 'Shapefile', title, file: 'roads.zip' });
  else org.addItem({ owner, folder, type: 'Web Map', title, json: { n } });
}

/** A view, whose rows and attachments are read by queries. */
function addView(org: Organization, fields: { owner: string; folder: string | null; title: string }): void {
  const source = [...org.items.values()].find(({ service }) => service?.viewOf === null);
  if (source === undefined) return;
  const { service } = org.addService({ ...fields, layers: ['A', 'B'], viewOf: source.record.id });
  service?.layers[0]?.rows[0]?.attachments.push({ id: 1, name: 'a.txt', content: contentOf(`of ${org.now}`) });
}

function join(org: Organization, username: string, n: number): void {
  if (!org.accounts.has(username)) org.addMember(username);
  add(org, username, n);
}

function leavers(org: Organization): string[] {
  return membersOf(org).filter((name) => name !== org.admin.username);
}

/** A member goes with all of theirs, or after everything was given to somebody else. */
function leave(org: Organization, username: string | undefined, n: number): void {
  if (username === undefined) return;
  if (n % 2 === 0) for (const { record } of org.shelves.all(username)) org.changeOwner(record.id, org.admin.username);
  org.removeMember(username);
}

function foldersOf(org: Organization): PortalFolder[] {
  return [...org.folders.values()].flat();
}

/** A folder is renamed, or a new one is made; no two of a member have one title. */
function changeFolder(org: Organization, renamed: PortalFolder | undefined, username: string, n: number): void {
  const title = ['Plans', 'plans', 'None', 'Maps: 2026'][n % 4] ?? '';
  const owner = renamed?.username ?? username;
  if (org.folders.get(owner)?.some((folder) => folder.title === title)) return;
  if (renamed === undefined) org.addFolder(owner, title);
  else org.renameFolder(renamed.id, title);
}

function changeGroup(org: Organization, itemId: string, n: number): void {
  const group = pick([...org.groups.values()], n);
  if (group === undefined || n % 4 === 0) org.addGroup(`Group ${n % 3}`);
  else if (n % 4 === 1) org.unshare(itemId, group.id);
  else if (n % 4 === 2) group.title = `Group ${n % 5}`;
  else org.share(itemId, group.id);
}
