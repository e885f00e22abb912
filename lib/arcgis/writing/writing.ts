import { z } from 'zod';
import type { Client } from '../connection/client.ts';
import type { SentFile } from '../connection/multipart.ts';
import { segment } from '../connection/segment.ts';
import type { OwnFolder } from '../content/folders.ts';
import type { Writer } from './writer.ts';

/** Where an item lies: every write goes through its true owner (restore.md 5). */
export interface Place {
  id: string;
  owner: string;
  /** null outside any folder */
  folderId: string | null;
}

/** What the fields of a record become in a form: `''` empties one. */
export type Form = Readonly<Record<string, string>>;

/** What an item's data is sent as: its text as it stands, or its file. */
export type Data = { text: string } | { file: File };

/** With whom an item is to be shared. */
export interface Sharing {
  access: 'private' | 'shared' | 'org' | 'public';
  /** ids of groups */
  groups: readonly string[];
}

/**
 * What a restore changes in the portal, each call one request, which is sent once. Throws RESTORE_REFUSED when the portal says that
 * it will not; PORTAL_… when the answer was lost, and it may have been done.
 */
export interface Writing {
  /**
   * Makes a private item of the caller's outside any folder; its id, which is the wished one only where the portal honours wishes
   * (restore.md 0). https://developers.arcgis.com/rest/users-groups-and-items/add-item/
   */
  addItem(fields: Form, data: Data | undefined, wishedId?: string): Promise<string>;
  /** Begins an item whose file comes in parts. */
  addLarge(fields: Form, fileName: string, wishedId?: string): Promise<string>;
  /** Begins a new file of an item, which comes in parts. */
  updateLarge(place: Place, fileName: string): Promise<void>;
  /** Sends a part of a file, the first is 1. https://developers.arcgis.com/rest/users-groups-and-items/add-item-part/ */
  addPart(place: Place, part: number, file: File | SentFile): Promise<void>;
  /** Puts the parts together; the portal may need a while after. */
  commit(place: Place, type: string): Promise<void>;
  /** How far putting together is: `completed`, `partial`, `processing`, `failed`. */
  status(place: Place): Promise<string>;
  /** Throws the parts away. */
  cancel(place: Place): Promise<void>;
  /** Sets fields of the record, those that are `''` to nothing. */
  update(place: Place, fields: Form): Promise<void>;
  /** Replaces the data. */
  updateData(place: Place, data: Data): Promise<void>;
  /** Replaces the thumbnail or the metadata. */
  updateFile(place: Place, what: 'thumbnail' | 'metadata', file: File): Promise<void>;
  deleteThumbnail(place: Place): Promise<void>;
  /** Puts a file about the item into a folder of its info. */
  updateInfo(place: Place, folder: string, file: File): Promise<void>;
  addResource(place: Place, resource: ResourceFile): Promise<void>;
  updateResource(place: Place, resource: ResourceFile): Promise<void>;
  removeResource(place: Place, name: string): Promise<void>;
  move(place: Place, folderId: string | null): Promise<void>;
  /** Gives an item to another member, into the folder of this title, which is made if there is none. `/` = outside any folder. */
  reassign(place: Place, to: { owner: string; folder: string }): Promise<void>;
  /** Sets who sees an item; groups that are not named keep it. */
  share(place: Place, sharing: Sharing): Promise<void>;
  /** Takes an item from groups. */
  unshare(place: Place, groups: readonly string[]): Promise<void>;
  protect(place: Place, isProtected: boolean): Promise<void>;
  /** Says that two items belong together. @param owner of the first */
  relate(owner: string, relation: RelationBetween): Promise<void>;
  unrelate(owner: string, relation: RelationBetween): Promise<void>;
  /** Says what the organization thinks of an item; `''` takes that back. */
  setStatus(place: Place, status: string): Promise<void>;
  /** Makes a folder of a member. https://developers.arcgis.com/rest/users-groups-and-items/create-folder/ */
  createFolder(owner: string, title: string): Promise<OwnFolder>;
  /** Deletes a folder, and whatever is in it. https://developers.arcgis.com/rest/users-groups-and-items/delete-folder/ */
  removeFolder(owner: string, folderId: string): Promise<void>;
  /** Takes an item out of the recycle bin, into no folder. https://developers.arcgis.com/rest/users-groups-and-items/restore/ */
  undelete(place: Pick<Place, 'id' | 'owner'>): Promise<void>;
  /** Deletes an item: into the recycle bin where there is one, or for good. */
  remove(place: Place, forGood: boolean): Promise<void>;
}

/** How one item belongs to another. https://developers.arcgis.com/rest/users-groups-and-items/relationship-types/ */
export interface RelationBetween {
  from: string;
  to: string;
  type: string;
}

/** A resource on its way in. */
export interface ResourceFile {
  /** as the portal calls it, with slashes */
  name: string;
  isPrivate: boolean;
  bytes: Buffer<ArrayBuffer>;
}

const added = z.looseObject({ id: z.string().regex(/^[0-9a-f]{32}$/) });
const folderMade = z.looseObject({ folder: z.looseObject({ id: z.string(), title: z.string() }) });
const jobStatus = z.looseObject({ status: z.string() });

/** Opens what a restore changes of items. */
export function openWriting(client: Client, writer: Writer): Writing {
  const ofUser = (owner: string) => `/content/users/${segment(owner)}`;
  const ofItem = ({ id, owner, folderId }: Place) =>
    `${ofUser(owner)}${folderId === null ? '' : `/${segment(folderId)}`}/items/${segment(id)}`;
  const caller = async () => {
    const { username } = await client.session.identity();
    return username ?? '';
  };
  const act = async (place: Place, verb: string, what: string, params = {}, files?: Record<string, File | SentFile>) =>
    void (await writer.send({ path: `${ofItem(place)}/${verb}`, params, files, what: `${what} ${place.id}` }));
  const tie = async (owner: string, verb: string, { from, to, type }: RelationBetween) => {
    const params = { originItemId: from, destinationItemId: to, relationshipType: type };
    await writer.send({ path: `${ofUser(owner)}/${verb}`, params, what: `The relation ${type} of ${from}` });
  };
  const wished = (id: string | undefined) => (id === undefined ? {} : { itemIdToCreate: id });
  const sendResource = (place: Place, verb: string, { name, isPrivate, bytes }: ResourceFile) => {
    const at = name.lastIndexOf('/');
    const fileName = name.slice(at + 1);
    const prefix = at < 0 ? {} : { resourcesPrefix: name.slice(0, at) };
    const params = { fileName, ...prefix, access: isPrivate ? 'private' : 'inherit' };
    return act(place, verb, 'Writing a resource of', params, { file: new File([bytes], fileName) });
  };
  return {
    addItem: async (fields, data, wishedId) => {
      const [params, files] = dataParams(data);
      const path = `${ofUser(await caller())}/addItem`;
      const write = { path, params: { ...fields, ...params, ...wished(wishedId) }, files, what: 'Making an item' };
      return (await writer.send(write, added)).id;
    },
    addLarge: async (fields, filename, wishedId) => {
      const params = { ...fields, filename, multipart: true, ...wished(wishedId) };
      const path = `${ofUser(await caller())}/addItem`;
      return (await writer.send({ path, params, what: 'Making an item' }, added)).id;
    },
    updateLarge: (place, filename) =>
      act(place, 'update', 'Replacing the file of', { filename, multipart: true, async: true }),
    addPart: (place, part, file) => act(place, `addPart?partNum=${part}`, `Sending part ${part} of`, {}, { file }),
    commit: (place, type) => act(place, 'commit', 'Putting together the file of', { id: place.id, type, async: true }),
    status: async (place) => {
      const what = `The state of the file of ${place.id}`;
      return (await client.json(jobStatus, { path: `${ofItem(place)}/status`, what })).status.toLowerCase();
    },
    cancel: (place) => act(place, 'cancel', 'Ending the upload of'),
    update: (place, fields) => {
      const isEmptying = Object.values(fields).includes('');
      return act(place, 'update', 'Writing the record of', {
        ...fields,
        ...(isEmptying && { clearEmptyFields: true }),
      });
    },
    updateData: (place, data) => act(place, 'update', 'Writing the data of', ...dataParams(data)),
    updateFile: (place, what, file) => act(place, 'update', `Writing the ${what} of`, {}, { [what]: file }),
    deleteThumbnail: (place) => act(place, 'deleteThumbnail', 'Removing the thumbnail of'),
    updateInfo: (place, folderName, file) =>
      act(place, 'updateinfo', 'Writing a file about', folderName === '' ? {} : { folderName }, { file }),
    addResource: (place, resource) => sendResource(place, 'addResources', resource),
    updateResource: (place, resource) => sendResource(place, 'updateResources', resource),
    removeResource: (place, resource) => act(place, 'removeResources', 'Removing a resource of', { resource }),
    move: (place, folderId) => act(place, 'move', 'Moving', { folder: folderId ?? '/' }),
    reassign: (place, { owner, folder }) =>
      act(place, 'reassign', 'Giving back', { targetUsername: owner, targetFolderName: folder }),
    share: (place, { access, groups }) =>
      act(place, 'share', 'Sharing', {
        everyone: access === 'public',
        org: access === 'public' || access === 'org',
        groups: groups.join(','),
        confirmItemControl: true,
      }),
    unshare: (place, groups) => act(place, 'unshare', 'Taking from groups', { groups: groups.join(',') }),
    protect: (place, isProtected) => act(place, isProtected ? 'protect' : 'unprotect', 'Protecting'),
    relate: (owner, relation) => tie(owner, 'addRelationship', relation),
    unrelate: (owner, relation) => tie(owner, 'deleteRelationship', relation),
    setStatus: async ({ id }, status) => {
      const params = { status, ...(status === '' && { clearEmptyFields: true }) };
      await writer.send({
        path: `/content/items/${segment(id)}/setContentStatus`,
        params,
        what: `The status of ${id}`,
      });
    },
    createFolder: async (owner, title) => {
      const write = { path: `${ofUser(owner)}/createFolder`, params: { title }, what: `Making the folder ${title}` };
      return (await writer.send(write, folderMade)).folder;
    },
    removeFolder: async (owner, folderId) => {
      const path = `${ofUser(owner)}/${segment(folderId)}/delete`;
      await writer.send({ path, what: `Deleting the folder ${folderId}` });
    },
    undelete: (place) => act({ ...place, folderId: null }, 'restore', 'Taking out of the recycle bin'),
    remove: (place, forGood) => act(place, 'delete', 'Deleting', forGood ? { permanentDelete: true } : {}),
  };
}

function dataParams(data: Data | undefined): [Record<string, string>, Record<string, File> | undefined] {
  if (data === undefined) return [{}, undefined];
  return 'text' in data ? [{ text: data.text }, undefined] : [{}, { file: data.file }];
}
