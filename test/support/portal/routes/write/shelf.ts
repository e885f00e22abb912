import { errors, failure, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { may, mayAs } from '../../tokens.ts';
import type { Account, PortalFolder, PortalItem } from '../../words.ts';
import { isItem, ownItem, root } from '../wire.ts';
import { toBin } from './bin.ts';
import { invalid, isAnswer, owned, space, write } from './door.ts';
import { errorIn } from './items.ts';
import { objectIn } from './fields.ts';

/** Where items lie and whose they are: folders, owners, protection (restore.md 1.5). */

function folderOf(ask: Ask, owner: string, title: string): PortalFolder | undefined {
  return ask.state.org.folders.get(owner)?.find((each) => each.title === title);
}

/** POST createFolder; no two of a member have one title. */
function createFolder(ask: Ask, owner = ''): Answer {
  const refused = space(ask, owner);
  if (refused) return refused;
  const title = ask.params.get('title') ?? ask.params.get('folderName') ?? '';
  if (title === '') return invalid("'title' must be specified.");
  if (folderOf(ask, owner, title))
    return failure({
      code: 400,
      message: 'Unable to create folder.',
      details: [`Folder title '${title}' not available.`],
    });
  const { id } = ask.state.org.addFolder(owner, title);
  return json({ success: true, folder: { username: owner, id, title } });
}

function changeFolder(change: (ask: Ask, folder: PortalFolder) => Answer | undefined) {
  return (ask: Ask, owner = '', id = ''): Answer => {
    const folder = ask.state.org.folders.get(owner)?.find((each) => each.id === id);
    if (!folder) return errors.folderGone();
    if (!mayAs(ask.caller, owner, 'portal:admin:updateItems')) return errors.forbidden();
    const refused = change(ask, folder);
    return refused ?? json({ success: true, folder: { username: owner, id, title: folder.title } });
  };
}

/** Takes its content along; nothing goes when something of it is protected. */
function deleteFolder(ask: Ask, { username, id }: PortalFolder): Answer | undefined {
  const { org } = ask.state;
  const held = org.shelves.folder(username, id).filter(({ recycled }) => !recycled);
  if (held.some(({ record }) => record.protected)) return invalid('Unable to delete folder. It holds protected items.');
  for (const item of held) toBin(ask.state, item);
  org.folders.set(
    username,
    (org.folders.get(username) ?? []).filter((each) => each.id !== id),
  );
  // What lies in the bin has lost its folder.
  for (const { record } of org.shelves.folder(username, id)) org.moveItem(record.id, null);
  return undefined;
}

function renameFolder(ask: Ask, { username, id }: PortalFolder): Answer | undefined {
  const title = ask.params.get('newTitle') ?? '';
  if (title === '' || folderOf(ask, username, title)) return invalid(`Folder title '${title}' not available.`);
  ask.state.org.renameFolder(id, title);
  return undefined;
}

/** POST move; `/` is outside any folder. */
function move(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  const folder = ask.params.get('folder') ?? '';
  if (folder === '') return invalid("'folder' must be specified.");
  const to = folder === '/' ? null : folder;
  if (to !== null && ask.state.org.folders.get(owner)?.some((each) => each.id === to) !== true)
    return errors.folderGone();
  ask.state.org.moveItem(id, to);
  return json({ success: true, itemId: id, owner, folder });
}

/** POST reassign: the folder is told by its title, and made when it is not there. */
function reassign(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id, 'portal:admin:reassignItems');
  if (!isItem(item)) return item;
  const refused = unfit(ask, item);
  if (refused) return refused;
  const { org } = ask.state;
  const to = ask.params.get('targetUsername') ?? '';
  const title = ask.params.get('targetFolderName') ?? '/';
  const folder = title === '/' ? null : (folderOf(ask, to, title) ?? org.addFolder(to, title)).id;
  org.changeOwner(id, to, folder);
  return json({ success: true, itemId: id });
}

/** Viewers may not, nor whose own role says nothing of it. */
function mayOwn({ role, roleId, privileges }: Account): boolean {
  return roleId === undefined ? role !== 'org_user' : privileges.includes('portal:user:createItem');
}

/** Why the member cannot become the owner. */
function unfit(ask: Ask, item: PortalItem): Answer | undefined {
  const { org } = ask.state;
  const to = ask.params.get('targetUsername') ?? '';
  const account = org.accounts.get(to);
  if (!account || account.disabled) return errors.userGone();
  if (!may(ask.caller, 'portal:admin:reassignItems')) return errors.forbidden();
  if (!mayOwn(account)) return invalid(`User ${to} does not have the privilege to own content.`);
  const isClosed = item.record.access === 'private' || item.record.access === 'shared';
  const strange = [...item.groups].filter((id) => {
    const group = org.groups.get(id);
    return group && group.owner !== to && !group.members.has(to);
  });
  if (isClosed && strange.length > 0)
    return invalid(`User ${to} does not have access to all groups that the item is shared with.`);
  return undefined;
}

/** POST reassignItems: at most 100, each with an outcome of its own. */
function reassignItems(ask: Ask, owner = ''): Answer {
  const asked = ask.params.get('items') ?? '';
  const listed = objectIn(asked);
  const ids = Array.isArray(listed) ? (listed as string[]) : asked.split(',').filter(Boolean);
  if (ids.length > 100) return invalid('Too many items.');
  const results = ids.map((itemId) => {
    const error = errorIn(reassign(ask, owner, itemId));
    return error === undefined ? { itemId, success: true } : { itemId, success: false, error };
  });
  return json({ results });
}

/** GET canReassign: would reassign be refused, and why? */
function canReassign(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id, 'portal:admin:reassignItems');
  if (!isItem(item)) return item;
  const refused = unfit(ask, item);
  return refused ? json({ itemId: id, success: false, error: errorIn(refused) }) : json({ itemId: id, success: true });
}

function protect(isProtected: boolean) {
  return (ask: Ask, owner = '', id = ''): Answer => {
    const item = owned(ask, owner, id);
    if (isAnswer(item)) return item;
    item.record.protected = isProtected;
    return json({ success: true });
  };
}

const folder = `${root}/content/users/([^/]+)/([0-9a-f]{32})`;

/** Folders, owners, protection. */
export const shelfRoutes: Route[] = [
  write(`${root}/content/users/([^/]+)/createFolder`, createFolder),
  write(`${folder}/delete`, changeFolder(deleteFolder)),
  write(`${folder}/updateFolder`, changeFolder(renameFolder)),
  write(`${ownItem}/move`, move),
  write(`${ownItem}/reassign`, reassign),
  write(`${root}/content/users/([^/]+)/reassignItems`, reassignItems),
  { pattern: new RegExp(`${ownItem}/canReassign$`), answer: canReassign },
  write(`${ownItem}/protect`, protect(true)),
  write(`${ownItem}/unprotect`, protect(false)),
];
