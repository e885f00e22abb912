import { errors, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { contentOf } from '../../content.ts';
import { isOn } from '../../paging.ts';
import { mayAs, mayMake } from '../../tokens.ts';
import type { Group } from '../../words.ts';
import { wireGroup } from '../groups.ts';
import { root } from '../wire.ts';
import { isPicture } from './change.ts';
import { invalid, isAnswer, write } from './door.ts';

/** Groups themselves (restore.md 4). */

const texts = ['title', 'description', 'snippet', 'phone', 'sortField', 'sortOrder', 'access', 'membershipAccess'];
const lists = ['tags', 'typeKeywords', 'capabilities'];
const flags = ['isInvitationOnly', 'isViewOnly', 'autoJoin', 'hiddenMembers', 'leavingDisallowed', 'isOpenData'];
const objects = ['properties', 'displaySettings'];
/** What stays as it was made (restore.md 4, unconfirmed). */
const fixed = ['capabilities', 'membershipAccess'];

type Fields = Record<string, unknown>;

/** What the form says; what is empty changes nothing unless it is to be cleared. */
function fieldsIn(ask: Ask): Fields | Answer {
  const fields: Fields = {};
  const clears = isOn(ask, 'clearEmptyFields');
  for (const name of [...texts, ...lists, ...flags, ...objects]) {
    const text = ask.params.get(name);
    if (text === undefined || (text === '' && (!clears || name === 'title' || name === 'access'))) continue;
    const value = valueOf(name, text);
    if (value === undefined) return invalid(`Invalid value for '${name}'.`);
    fields[name] = value;
  }
  const { access } = fields;
  if (access !== undefined && !['private', 'org', 'public'].includes(access as string))
    return invalid("Invalid value for 'access'.");
  return fields;
}

function valueOf(name: string, text: string): unknown {
  if (lists.includes(name))
    return text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
  if (flags.includes(name)) return text.toLowerCase() === 'true';
  if (!objects.includes(name)) return text === '' ? null : text;
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** POST createGroup: it belongs to the caller, under an id that the portal chooses. */
function create(ask: Ask): Answer {
  const { caller, state } = ask;
  if (!mayMake(caller, 'portal:user:createGroup')) return errors.forbidden();
  const fields = fieldsIn(ask);
  if (isAnswer(fields)) return fields;
  const { title, access, capabilities, ...more } = fields;
  if (typeof title !== 'string' || title === '') return invalid("'title' must be specified.");
  const owner = caller.account?.username ?? '';
  const taken = titleTaken(ask, owner, title);
  if (taken) return taken;
  const holds = capabilities as string[] | undefined;
  if (holds?.includes('updateitemcontrol') && !mayMake(caller, 'portal:admin:createUpdateCapableGroup'))
    return errors.forbidden();
  const group = state.org.addGroup(title, {
    owner,
    access: (access ?? 'private') as Group['access'],
    ...(holds && { capabilities: holds }),
    more,
  });
  putPicture(ask, group);
  return json({ success: true, group: wireGroup(ask, group) });
}

function titleTaken(ask: Ask, owner: string, title: string): Answer | undefined {
  const twin = [...ask.state.org.groups.values()].find((one) => one.owner === owner && one.title === title);
  return twin && invalid(`You already have a group named '${title}'. Try a different name.`);
}

/** POST update: what the form does not name stays, and some of it whatever is named. */
function update(ask: Ask, group: Group): Answer {
  const fields = fieldsIn(ask);
  if (isAnswer(fields)) return fields;
  if (ask.state.writing.groupsKeep) for (const name of fixed) Reflect.deleteProperty(fields, name);
  const { title, access, capabilities, ...more } = fields;
  const taken = typeof title === 'string' && title !== group.title && titleTaken(ask, group.owner, title);
  if (taken) return taken;
  Object.assign(group, { ...(title !== undefined && { title }), ...(access !== undefined && { access }) });
  if (capabilities !== undefined) group.capabilities = capabilities as string[];
  group.more = { ...group.more, ...more, modified: ask.state.org.tick() };
  putPicture(ask, group);
  return json({ success: true, groupId: group.id });
}

/** Its thumbnail, under a name of the portal's own. */
function putPicture(ask: Ask, group: Group): void {
  const picture = ask.body.files.get('thumbnail')?.content;
  if (!picture || !isPicture(picture)) return;
  group.picture = contentOf(picture.bytes(), 'image/png');
  group.more = { ...group.more, thumbnail: `thumbnail${ask.state.org.now}.png` };
}

/** POST deleteThumbnail: https://developers.arcgis.com/rest/users-groups-and-items/delete-group-thumbnail/ */
function deletePicture(ask: Ask, group: Group): Answer {
  delete group.picture;
  group.more = { ...group.more, thumbnail: null, modified: ask.state.org.tick() };
  return json({ success: true });
}

/** There is no bin for groups: what was shared with it is shared no more. */
function remove(ask: Ask, group: Group): Answer {
  const { org } = ask.state;
  if (group.more?.['protected'] === true) return invalid('Unable to delete group. Delete protection is turned on.');
  for (const id of [...group.items]) org.unshare(id, group.id);
  org.groups.delete(group.id);
  return json({ success: true, groupId: group.id });
}

function protect(isProtected: boolean) {
  return (_ask: Ask, group: Group): Answer => {
    group.more = { ...group.more, protected: isProtected };
    return json({ success: true, groupId: group.id });
  };
}

/** For the owner, the managers and administrators. */
export function managed(act: (ask: Ask, group: Group) => Answer, privilege: string): Route['answer'] {
  return (ask, id = '') => {
    const group = ask.state.org.groups.get(id);
    if (!group) return errors.groupGone();
    const isManager = group.admins?.has(ask.caller.account?.username ?? '') === true;
    return isManager || mayAs(ask.caller, group.owner, privilege) ? act(ask, group) : errors.forbidden();
  };
}

/** One group, as the beginning of a path. */
export const oneGroup = `${root}/community/groups/([0-9a-f]{32})`;

/** Making, changing and deleting groups. */
export const groupWriteRoutes: Route[] = [
  write(`${root}/community/createGroup`, create),
  write(`${oneGroup}/update`, managed(update, 'portal:admin:updateGroups')),
  write(`${oneGroup}/deleteThumbnail`, managed(deletePicture, 'portal:admin:updateGroups')),
  write(`${oneGroup}/delete`, managed(remove, 'portal:admin:deleteGroups')),
  write(`${oneGroup}/protect`, managed(protect(true), 'portal:admin:updateGroups')),
  write(`${oneGroup}/unprotect`, managed(protect(false), 'portal:admin:updateGroups')),
];
