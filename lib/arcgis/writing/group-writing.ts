import { z } from 'zod';
import { segment } from '../connection/segment.ts';
import type { Writer } from './writer.ts';
import type { Form } from './writing.ts';

/** Who is to be in a group. */
export interface Membership {
  members: readonly string[];
  /** who manages it besides its owner */
  managers: readonly string[];
}

/** What a restore changes of groups, each call one request, which is sent once (restore.md 4). Throws as `Writing`. */
export interface GroupWriting {
  /** Makes a group of the caller's; its id, which the portal chooses. https://developers.arcgis.com/rest/users-groups-and-items/create-group/ */
  create(fields: Form): Promise<string>;
  /** Sets fields, those that are `''` to nothing. https://developers.arcgis.com/rest/users-groups-and-items/update-group/ */
  update(id: string, fields: Form): Promise<void>;
  /** Puts a picture in the place of that which it has, under a name of the portal's own. */
  setPicture(id: string, picture: File): Promise<void>;
  /** https://developers.arcgis.com/rest/users-groups-and-items/delete-group-thumbnail/ */
  removePicture(id: string): Promise<void>;
  /** Adds at most 25. Whom the portal does not add it only names in its answer; who looks afterwards sees it. */
  addMembers(id: string, who: Membership): Promise<void>;
  /** Removes at most 25. */
  removeMembers(id: string, members: readonly string[]): Promise<void>;
  /** Makes members managers, and managers members. */
  setRoles(id: string, who: Membership): Promise<void>;
  /** Gives it to another member; who owned it stays a manager. */
  reassign(id: string, owner: string): Promise<void>;
  protect(id: string, isProtected: boolean): Promise<void>;
  /** Deletes it for good: there is no recycle bin for groups. */
  remove(id: string): Promise<void>;
}

/** Names in one request. */
export const mostMembers = 25;

type Fields = Record<string, string | boolean>;

const made = z.looseObject({ group: z.looseObject({ id: z.string().regex(/^[0-9a-f]{32}$/) }) });

/** Opens what a restore changes of groups. */
export function openGroupWriting(writer: Writer): GroupWriting {
  const act = async (id: string, verb: string, what: string, params: Fields = {}, files?: Record<string, File>) => {
    const path = `/community/groups/${segment(id)}/${verb}`;
    await writer.send({ path, params, files, what: `${what} group ${id}` });
  };
  return {
    create: async (fields) => {
      const write = { path: '/community/createGroup', params: { ...fields }, what: 'Making a group' };
      return (await writer.send(write, made)).group.id;
    },
    update: (id, fields) => {
      const isEmptying = Object.values(fields).includes('');
      return act(id, 'update', 'Writing', { ...fields, ...(isEmptying && { clearEmptyFields: true }) });
    },
    setPicture: (id, thumbnail) => act(id, 'update', 'Giving its picture to', {}, { thumbnail }),
    removePicture: (id) => act(id, 'deleteThumbnail', 'Taking its picture from'),
    addMembers: (id, who) => act(id, 'addUsers', 'Adding members to', namesIn(who)),
    removeMembers: (id, members) => act(id, 'removeUsers', 'Removing members of', { users: members.join(',') }),
    setRoles: (id, who) => act(id, 'updateUsers', 'Making managers of', namesIn(who)),
    reassign: (id, owner) => act(id, 'reassign', 'Giving back', { targetUsername: owner }),
    protect: (id, isProtected) => act(id, isProtected ? 'protect' : 'unprotect', 'Protecting'),
    remove: (id) => act(id, 'delete', 'Deleting'),
  };
}

function namesIn({ members, managers }: Membership): Record<string, string> {
  return {
    ...(members.length > 0 && { users: members.join(',') }),
    ...(managers.length > 0 && { admins: managers.join(',') }),
  };
}
