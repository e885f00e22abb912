import { errors, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { isOn } from '../../paging.ts';
import { mayAs } from '../../tokens.ts';
import type { Group, PortalItem } from '../../words.ts';
import { isItem, ownItem, root, visible } from '../wire.ts';
import { isAnswer, owned, write } from './door.ts';
import { errorIn } from './items.ts';

/** Who sees an item (restore.md 1.6). */

/** Groups only leaves the access alone; everyone or org, also as false, states it anew (arcgis-rest.md 8). */
function share(ask: Ask, { record, groups }: PortalItem): Answer {
  if (['everyone', 'org', 'account'].some((name) => ask.params.has(name))) {
    const isOrg = isOn(ask, 'org') || isOn(ask, 'account');
    record.access = isOn(ask, 'everyone') ? 'public' : isOrg ? 'org' : groups.size > 0 ? 'shared' : 'private';
  }
  const notSharedWith = groupsIn(ask).filter((id) => {
    const group = ask.state.org.groups.get(id);
    if (!group || !isOpen(ask, record, group)) return true;
    ask.state.org.share(record.id, id);
    return false;
  });
  return json({ notSharedWith, itemId: record.id });
}

/** A closed item goes only to groups of its owner; where all members may change it, that must be confirmed. */
function isOpen(ask: Ask, { access, owner }: PortalItem['record'], group: Group): boolean {
  const isClosed = access === 'private' || access === 'shared';
  if (isClosed && group.owner !== owner && !group.members.has(owner)) return false;
  return group.capabilities?.includes('updateitemcontrol') !== true || isOn(ask, 'confirmItemControl');
}

function unshare(ask: Ask, { record, groups }: PortalItem): Answer {
  for (const id of groupsIn(ask)) ask.state.org.unshare(record.id, id);
  if (groups.size === 0 && record.access === 'shared') record.access = 'private';
  return json({ notUnsharedFrom: [], itemId: record.id });
}

function groupsIn({ params }: Ask): string[] {
  return (params.get('groups') ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
}

type Act = (ask: Ask, item: PortalItem) => Answer;

/** By the way of the owner. */
function byOwner(act: Act) {
  return (ask: Ask, owner = '', id = ''): Answer => {
    const item = owned(ask, owner, id, 'portal:admin:shareToGroup');
    return isItem(item) ? act(ask, item) : item;
  };
}

/** By the way of the item alone. */
function direct(act: Act) {
  return (ask: Ask, id = ''): Answer => {
    const item = visible(ask, id);
    if (!isItem(item)) return item;
    return mayAs(ask.caller, item.record.owner, 'portal:admin:shareToGroup') ? act(ask, item) : errors.forbidden();
  };
}

/** Several of a member, each with an outcome of its own. */
function several(act: Act) {
  return (ask: Ask, owner = ''): Answer => {
    const ids = (ask.params.get('items') ?? '').split(',').filter(Boolean);
    const results = ids.map((itemId) => {
      const answer = byOwner(act)(ask, owner, itemId);
      const error = errorIn(answer);
      if (error !== undefined) return { itemId, success: false, error };
      return { itemId, success: true, ...(isAnswer(answer) && (answer.json as object)) };
    });
    return json({ results });
  };
}

const item = `${root}/content/items/([0-9a-f]{32})`;
const user = `${root}/content/users/([^/]+)`;

/** Sharing. */
export const sharingRoutes: Route[] = [
  write(`${ownItem}/share`, byOwner(share)),
  write(`${ownItem}/unshare`, byOwner(unshare)),
  write(`${item}/share`, direct(share)),
  write(`${item}/unshare`, direct(unshare)),
  write(`${user}/shareItems`, several(share)),
  write(`${user}/unshareItems`, several(unshare)),
];
