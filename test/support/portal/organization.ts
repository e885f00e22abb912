import { createHash } from 'node:crypto';
import type { Content } from './content.ts';
import { exportOf } from './export-bytes.ts';
import { makeItem, type NewItem } from './new-item.ts';
import { makeService, type NewService } from './new-service.ts';
import { Shelves } from './shelves.ts';
import type { Account, Category, Group, ItemRecord, PortalFolder, PortalItem, Relation, Service } from './words.ts';

/** Where the clock of an organization starts: 2024-05-01T00:00:00Z. */
const epoch = 1714521600000;

/** What the portal holds of an item: the truth that a backup is compared with. */
export interface Truth {
  data: Content | null;
  metadata: Content | null;
  /** by path, e.g. thumbnail/x.png */
  infos: ReadonlyMap<string, Content>;
  resources: ReadonlyMap<string, Content>;
  /** What an export would give now; null when the item is no hosted service. */
  export(format?: string): Content | null;
}

/**
 * What a simulated portal holds, with verbs that change it as members would. Time is a counter: every change is a
 * minute later than the one before, so that two organizations made alike are alike to the last byte.
 */
export class Organization {
  readonly id = 'Mx7cG2pLq0aWb1dR';
  name = 'City of Ann Example';
  urlKey = 'annexample';
  /** The account that a backup signs in with; an administrator. */
  readonly admin: Account & { password: string };
  /** An OAuth app of the administrator. */
  readonly app = {
    clientId: 'Qx1vYt0example',
    clientSecret: '8d0f5b2c6e7a4f1b9c3d',
    owner: 'backup',
    privileges: [] as string[],
  };
  /** An API key of the administrator. */
  readonly apiKey = { key: 'AAPTxy8BHexampleexampleexampleexample', owner: 'backup', privileges: [] as string[] };
  readonly accounts = new Map<string, Account>();
  readonly folders = new Map<string, PortalFolder[]>();
  readonly items = new Map<string, PortalItem>();
  readonly services = new Map<string, Service>();
  readonly groups = new Map<string, Group>();
  readonly shelves = new Shelves();
  /** what stands below /Categories */
  categories: Category[] = [];
  /** who was asked to join a group, or (null) the organization */
  readonly invitations: { username: string; groupId: string | null }[] = [];
  #ticks = 0;
  #ids = 0;

  constructor() {
    const password = 'correct-horse-battery';
    const more = { role: 'org_admin', fullName: 'Backup Account', readsOnly: true } as const;
    this.admin = { ...this.addMember('backup', more), password };
    this.accounts.set('backup', this.admin);
  }

  /** The organization's time now, epoch ms. */
  get now(): number {
    return epoch + this.#ticks * 60_000;
  }

  /** Lets a minute pass. */
  tick(): number {
    this.#ticks += 1;
    return this.now;
  }

  /** A new id, as the portal makes them: 32 hex digits. */
  newId(): string {
    this.#ids += 1;
    return createHash('md5').update(`item ${this.#ids}`).digest('hex');
  }

  /** A new member, who may sign in as `<username>-password` unless told otherwise. */
  addMember(username: string, more: Partial<Account> = {}): Account {
    const account: Account = {
      username,
      password: `${username}-password`,
      fullName: username,
      email: `${username}@example.com`,
      role: 'org_publisher',
      privileges: [],
      disabled: false,
      system: username.startsWith('esri_'),
      access: 'org',
      created: this.tick(),
      lastLogin: -1,
      ...more,
    };
    this.accounts.set(username, account);
    return account;
  }

  /** The member leaves and all of theirs is deleted. */
  removeMember(username: string): void {
    for (const item of this.shelves.all(username)) this.deleteItem(item.record.id);
    this.folders.delete(username);
    this.accounts.delete(username);
  }

  addFolder(username: string, title: string): PortalFolder {
    const folder = { username, id: this.newId(), title, created: this.tick() };
    this.folders.set(username, [...(this.folders.get(username) ?? []), folder]);
    return folder;
  }

  renameFolder(id: string, title: string): void {
    for (const folder of [...this.folders.values()].flat()) if (folder.id === id) folder.title = title;
  }

  addGroup(title: string, more: Partial<Group> = {}): Group {
    const group: Group = {
      id: this.newId(),
      title,
      owner: 'backup',
      access: 'org',
      members: new Set(),
      items: new Set(),
      created: this.tick(),
      ...more,
    };
    this.groups.set(group.id, group);
    return group;
  }

  addItem(fields: NewItem): PortalItem {
    const item = makeItem(this, fields);
    this.items.set(item.record.id, item);
    this.shelves.put(item, fields.first);
    return item;
  }

  addService(fields: NewService): PortalItem {
    const item = makeService(this, fields);
    if (item.service) this.services.set(item.service.name, item.service);
    return item;
  }

  /** The item, which must be there. */
  item(id: string): PortalItem {
    const item = this.items.get(id);
    if (!item) throw new Error(`the portal holds no item ${id}`);
    return item;
  }

  /** A member edits the item's properties: `modified` moves. */
  editItem(id: string, fields: Partial<ItemRecord>): void {
    Object.assign(this.item(id).record, fields, { modified: this.tick() });
  }

  /** Something about the record changes and `modified` stays, as after sharing or viewing. */
  quietlyEdit(id: string, fields: Partial<ItemRecord>): void {
    Object.assign(this.item(id).record, fields);
  }

  /** The item gets other bytes. */
  replaceData(id: string, data: Content | null): void {
    const item = this.item(id);
    item.data = data;
    this.editItem(id, { size: data?.size ?? 0 });
  }

  /** The item gets other metadata; `modified` moves only if `moves`. */
  replaceMetadata(id: string, metadata: Content | null, moves = true): void {
    this.item(id).metadata = metadata;
    if (moves) this.editItem(id, {});
  }

  /** Moves an item to another folder of its owner (null: out of any); `modified` stays. */
  moveItem(id: string, folderId: string | null): void {
    this.changeOwner(id, this.item(id).record.owner, folderId);
  }

  changeOwner(id: string, owner: string, folderId: string | null = null): void {
    const item = this.item(id);
    this.shelves.take(item);
    Object.assign(item.record, { owner, ownerFolder: folderId });
    this.shelves.put(item);
  }

  /** Shares with a group; `modified` stays. */
  share(id: string, groupId: string): void {
    this.item(id).groups.add(groupId);
    this.groups.get(groupId)?.items.add(id);
    if (this.item(id).record.access === 'private') this.item(id).record.access = 'shared';
  }

  unshare(id: string, groupId: string): void {
    this.item(id).groups.delete(groupId);
    this.groups.get(groupId)?.items.delete(id);
  }

  relate(fromId: string, toId: string, type: string): void {
    const add = (id: string, relation: Relation) => this.item(id).relations.push(relation);
    add(fromId, { type, direction: 'forward', id: toId });
    add(toId, { type, direction: 'reverse', id: fromId });
  }

  /** Deletes for good. */
  deleteItem(id: string): void {
    const item = this.item(id);
    for (const group of [...item.groups]) this.unshare(id, group);
    if (item.service) this.services.delete(item.service.name);
    this.shelves.take(item);
    this.items.delete(id);
  }

  /** Members edit rows: the layer's or table's edit dates move, `modified` stays. */
  editRows(id: string, layerId: number): void {
    const at = this.tick();
    this.#editDates(id, layerId, { lastEditDate: at, dataLastEditDate: at });
  }

  /** Somebody adds a field: only `schemaLastEditDate` moves. */
  editSchema(id: string, layerId: number): void {
    this.#editDates(id, layerId, { schemaLastEditDate: this.tick() });
  }

  #editDates(id: string, layerId: number, dates: object): void {
    const service = this.item(id).service;
    const layer = [...(service?.layers ?? []), ...(service?.tables ?? [])].find((one) => one.id === layerId);
    if (!layer) throw new Error(`item ${id} has no layer or table ${layerId}`);
    // What tells no dates does not begin to.
    if (layer.editingInfo !== null) layer.editingInfo = { ...layer.editingInfo, ...dates };
  }

  truth(id: string): Truth {
    const { data, metadata, infos, resources, service } = this.item(id);
    const held = new Map([...resources].map(([name, one]) => [name, one.content]));
    return { data, metadata, infos, resources: held, export: (format) => (service ? exportOf(service, format) : null) };
  }
}
