import type { ExportStatus } from './exports/exports.ts';
import type { Group } from '../backup/organization.ts';
import { oneLine } from '../backup/words.ts';
import type { RelationOf } from '../backup/types.ts';
import type { Folder, Item, SavedLayer } from '../backup/item.ts';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../settings/credentials.ts';
import { Client } from './connection/client.ts';
import type { Listed } from './connection/list-all.ts';
import { countInFolder, listFolders } from './content/folders.ts';
import { Listing, readNewest, readRecycleBin } from './content/listing.ts';
import { download, type Download } from './content/download.ts';
import type { Expected } from './content/file-answer.ts';
import {
  deletePermanently,
  exportStatus,
  startExport,
  type BegunExport,
  type ExportRequest,
} from './exports/exports.ts';
import { readFeatures, type LayerRows } from './layers/features.ts';
import { readCategories } from './organization/categories.ts';
import { groupExists, memberExists } from './content/existence.ts';
import { readPicture } from './content/group-picture.ts';
import {
  findGroup,
  itemsOfGroups,
  listGroups,
  readGroup,
  searchGroups,
  type GroupRead,
  type GroupTerms,
} from './organization/groups.ts';
import type { Identity } from './connection/identity.ts';
import { readItem } from './content/read-item.ts';
import { listMembers, type Member } from './organization/members.ts';
import { readOwnerRight, type OwnerRight } from './organization/owner-rights.ts';
import type { LayerInfo } from './layers/layer-info.ts';
import { readRoles, readSelf, type OwnRole, type Self } from './organization/organization.ts';
import type { Redactor } from './connection/redactor.ts';
import { listResources, type Resource } from './content/resources.ts';
import { countRows } from './layers/row-counts.ts';
import { segment, segments } from './connection/segment.ts';
import { countReplicas, readHosted, type HostedService } from './layers/hosted-service.ts';
import { readServiceItem, serviceAddress } from './layers/service.ts';
import { readDates, type DatedService } from './layers/dates.ts';
import { isServiceNameFree } from './layers/service-name.ts';
import { Session } from './connection/session.ts';
import { readRelations, readSharing, type Optional, type Relation, type SharingRead } from './content/relations.ts';
import { readDefinition, type Definition } from './layers/definition.ts';
import type { ListingCursor } from './content/listing-cursor.ts';
import { Wire, type Timeouts } from './connection/wire.ts';

/** A file of an item: its data, its metadata, a file about it, or one beside it. */
export type ItemFile = 'data' | 'metadata' | `info/${string}` | `resources/${string}`;

/** What the portal is reached by. */
export interface PortalParts {
  /** its root: https://www.arcgis.com, https://host/portal */
  url: string;
  credentials: Credentials;
  clock: Clock;
  fetch: typeof globalThis.fetch;
  timeouts?: Timeouts;
  /** what is told of a sign-in that failed, where the cure is another one than that of the backup's account */
  told?: (error: unknown) => unknown;
}

/**
 * The portal, as the run talks to it. Every call signs in by itself, tries again what may succeed later, and throws a
 * BackupError whose sentence can be shown: AUTH_…, PORTAL_… and what is said at each.
 */
export interface Portal {
  /** Knows the secrets of the session, as of now; answers in JSON come without them, bodies of downloads do not. */
  redactor: Redactor;
  /** Who is signed in. */
  identity(): Promise<Identity>;
  /** Asks again whether the portal knows us and shows us everything. Throws AUTH_ANONYMOUS, AUTH_SIGN_IN, AUTH_PRIVILEGE. */
  prove(): Promise<void>;
  /** All members, as far as they can be read, and why there may be others. Throws AUTH_ANONYMOUS, AUTH_PRIVILEGE. */
  members(): Promise<Listed<Member>>;
  /** Does the member exist? False only when the portal says so. */
  memberExists(username: string): Promise<boolean>;
  /** Is the member there, and may they own items? Gone only when the portal says so, may-not only when it says so of their role. */
  ownerRight(username: string): Promise<OwnerRight>;
  /** The organization's description, as the portal tells it the account of the backup. Throws AUTH_ANONYMOUS. */
  self(): Promise<Self>;
  /** The organization's own roles, as far as they can be read, and why there may be others. */
  roles(): Promise<Listed<OwnRole>>;
  /** The organization's schema of categories, empty where it has none; undefined where the portal knows no such thing. */
  categories(): Promise<readonly unknown[] | undefined>;
  /** All groups of the organization that the account sees, as far as they can be read, and why there may be others. */
  groups(orgId: string): Promise<Listed<Group>>;
  /** Who is in a group and what is shared with it, as far as it can be read, and why there may be more. */
  group(id: string): Promise<GroupRead>;
  /** The picture of a group, at most so many bytes; undefined when there is none. Throws ITEM_DAMAGED. */
  groupPicture(id: string, thumbnail: string, most: number): Promise<Buffer | undefined>;
  /** One group as the portal describes it; undefined when it says that there is none, or none for this account. */
  findGroup(id: string): Promise<Group | undefined>;
  /** The organization's groups with a tag, or with a title and an owner: at most 100; the search may lag behind. */
  searchGroups(orgId: string, terms: GroupTerms): Promise<Group[]>;
  /** The items that are shared with the organization's groups of these titles, by id; asked once. Throws as `itemsOfGroups`. */
  itemsOfGroups(titles: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Does the group exist? False only when the portal says that it does not, or not for this account. */
  groupExists(id: string): Promise<boolean>;
  /** A member's content, page by page; `saved` = where an earlier listing stopped. */
  content(username: string, saved?: ListingCursor): Listing;
  /** A member's folders. Throws PORTAL_ANSWER when some cannot be read. */
  folders(username: string): Promise<Folder[]>;
  /** How many items lie in a folder of a member. */
  itemsInFolder(username: string, folderId: string): Promise<number>;
  /** A member's deleted items that can still be restored: the first 100. */
  recycleBin(username: string): Promise<Item[]>;
  /** Edit dates of a hosted service. Throws HOST_FOREIGN. */
  dates(item: Item): Promise<DatedService>;
  /** The item that a hosted service says it belongs to; undefined when it does not say. Throws HOST_FOREIGN. */
  serviceItem(item: Item): Promise<string | undefined>;
  /** Could a hosted service get this name? A yes is no promise. @param type of its item; a feature service unless given */
  isServiceNameFree(name: string, type?: string): Promise<boolean>;
  /** The address of a hosted service, which may be told the token, without layer number and slash. Throws HOST_FOREIGN. */
  serviceAddress(item: Item): Promise<string>;
  /** What a hosted service is and holds, for who writes its rows. Throws HOST_FOREIGN, PORTAL_…. */
  hosted(item: Item): Promise<HostedService>;
  /** How many copies of a hosted service are out on devices. Throws HOST_FOREIGN, PORTAL_…. */
  replicas(item: Item): Promise<number>;
  /** Undefined when the portal says that it does not exist. */
  item(id: string): Promise<Item | undefined>;
  /** A file of an item; undefined when the portal has none. Throws ITEM_DAMAGED when it has not the size that it must have. */
  download(id: string, file: ItemFile, expected?: Expected): Promise<Download | undefined>;
  /** All resources of an item, sorted by name, as far as they can be read, and why there may be others. */
  resources(id: string): Promise<Listed<Resource>>;
  /** The items that an item is related to in one way, as far as they can be read, and why there may be others. */
  relations(id: string, kind: RelationOf): Promise<Listed<Relation>>;
  /** Whom an item is shared with; undefined where the portal does not tell. */
  sharing(item: Item): Promise<SharingRead | undefined>;
  /** What a rebuild of a hosted service needs. Throws HOST_FOREIGN. */
  definition(item: Item, optional: Optional): Promise<Definition>;
  /** The layers and tables of a hosted service, to be read row by row, one after the other. Throws HOST_FOREIGN, PORTAL_…. */
  features(item: Item): Promise<LayerRows[]>;
  /** How many rows each layer and table of a hosted service has, or only these. Throws HOST_FOREIGN. */
  countRows(item: Item, infos?: readonly LayerInfo[]): Promise<SavedLayer[]>;
  /** Throws EXPORT_REFUSED, EXPORT_FAILED; PORTAL_UNREACHABLE and PORTAL_ANSWER when it may have begun all the same. */
  startExport(request: ExportRequest): Promise<BegunExport>;
  /** A member's newest items outside any folder, at most 100. */
  newest(username: string): Promise<Item[]>;
  exportStatus(exporting: Omit<BegunExport, 'item'>): Promise<ExportStatus>;
  /** False when the portal says that it is not there, or not for us. Throws EXPORT_NOT_DELETED. */
  deletePermanently(item: { id: string; owner: string }): Promise<boolean>;
}

/** Opens a portal; nothing is asked yet. */
export function openPortal(parts: PortalParts): Portal {
  return portalOf(connect(parts));
}

/** Connects to a portal; nothing is asked yet. */
export function connect({ url, credentials, clock, fetch, timeouts, told }: PortalParts): Client {
  const root = `${url}/sharing/rest`;
  const wire = new Wire({ portal: new URL(url), clock, fetch, ...(timeouts && { timeouts }) });
  return new Client(root, wire, new Session(wire, root, credentials, clock, told), clock);
}

/** The portal as a connection shows it. */
export function portalOf(client: Client): Portal {
  const { root, wire, session } = client;
  // Once a portal has shown that it must be asked folder by folder, it is asked so from the start.
  let byFolder = false;
  // What the administrator leaves out stays so for the run.
  let grouped: Promise<ReadonlyMap<string, string>> | undefined;
  return {
    redactor: wire.redactor,
    identity: () => session.identity(),
    prove: () => session.prove(),
    members: () => listMembers(client),
    memberExists: (username) => memberExists(client, username),
    ownerRight: (username) => readOwnerRight(client, username),
    self: () => readSelf(client),
    roles: () => readRoles(client),
    categories: () => readCategories(client),
    groups: (orgId) => listGroups(client, orgId),
    group: (id) => readGroup(client, id),
    groupPicture: (id, thumbnail, most) => readPicture(client, id, thumbnail, most),
    findGroup: (id) => findGroup(client, id),
    searchGroups: (orgId, terms) => searchGroups(client, orgId, terms),
    itemsOfGroups: (titles) => (grouped ??= itemsOfGroups(client, titles, async () => (await readSelf(client)).id)),
    groupExists: (id) => groupExists(client, id),
    content: (username, saved) => new Listing(client, username, { byFolder, learn: () => (byFolder = true) }, saved),
    folders: (username) => listFolders(client, username),
    itemsInFolder: (username, folderId) => countInFolder(client, username, folderId),
    recycleBin: (username) => readRecycleBin(client, username),
    dates: (item) => readDates(client, item),
    serviceItem: (item) => readServiceItem(client, item),
    isServiceNameFree: (name, type) => isServiceNameFree(client, name, type),
    serviceAddress: (item) => serviceAddress(client, item),
    hosted: (item) => readHosted(client, item),
    replicas: (item) => countReplicas(client, item),
    item: (id) => readItem(client, id),
    download: (id, file, expected) =>
      download(client, root + addressOf(id, file), `The file ${oneLine(file)} of ${id}`, expected),
    resources: (id) => listResources(client, id),
    relations: (id, kind) => readRelations(client, id, kind),
    sharing: (item) => readSharing(client, item),
    definition: (item, optional) => readDefinition(client, item, optional),
    features: (item) => readFeatures(client, item),
    countRows: (item, infos) => countRows(client, item, infos),
    startExport: (request) => startExport(client, request),
    newest: (username) => readNewest(client, username),
    exportStatus: (exporting) => exportStatus(client, exporting),
    deletePermanently: (item) => deletePermanently(client, item),
  };
}

/** Where a file of an item lies below the REST API; names of members are encoded, slashes between their parts stay. */
function addressOf(id: string, file: ItemFile): string {
  const path = file === 'metadata' ? 'info/metadata/metadata.xml' : file;
  return `/content/items/${segment(id)}/${segments(path)}`;
}
