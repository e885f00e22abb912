import { errors, failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn } from '../paging.ts';
import { mayAs } from '../tokens.ts';
import type { PortalItem } from '../words.ts';
import { isItem, own, ownItem, root, visible } from './wire.ts';

/** Plain deleting puts into the recycle bin; permanentDelete deletes, also from there (arcgis-rest.md 6.3). */
function remove(ask: Ask, owner = '', id = ''): Answer {
  const item = own(ask, owner, id);
  if (!isItem(item)) return item;
  if (item.record.protected) {
    return failure({ code: 400, message: `Unable to delete item ${id}. Delete protection is turned on.` });
  }
  if (isOn(ask, 'permanentDelete')) ask.state.org.deleteItem(id);
  else item.recycled = true;
  return json({ success: true, itemId: id });
}

/** POST deleteItems: at most 100, each with an outcome of its own. */
function removeMany(ask: Ask, owner = ''): Answer {
  const ids = (ask.params.get('items') ?? '').split(',').filter(Boolean);
  if (ids.length > 100) return failure({ code: 400, message: 'Too many items.' });
  const results = ids.map((itemId) => {
    const outcome = JSON.parse(remove(ask, owner, itemId).body.bytes().toString()) as { error?: object };
    return { itemId, success: outcome.error === undefined, ...outcome };
  });
  return json({ results });
}

function protect(isProtected: boolean) {
  return (_ask: Ask, { record }: PortalItem): Answer => {
    record.protected = isProtected;
    return json({ success: true });
  };
}

function groupsIn(ask: Ask): string[] {
  return (ask.params.get('groups') ?? '').split(',').filter((id) => ask.state.org.groups.has(id));
}

/** Sharing with groups only leaves the access alone; everyone or org, also as false, sets it anew (arcgis-rest.md 8). */
function share(ask: Ask, { record, groups }: PortalItem): Answer {
  if (['everyone', 'org', 'account'].some((name) => ask.params.has(name))) {
    const isOrg = isOn(ask, 'org') || isOn(ask, 'account');
    record.access = isOn(ask, 'everyone') ? 'public' : isOrg ? 'org' : groups.size > 0 ? 'shared' : 'private';
  }
  for (const id of groupsIn(ask)) ask.state.org.share(record.id, id);
  return json({ notSharedWith: [], itemId: record.id });
}

function unshare(ask: Ask, { record }: PortalItem): Answer {
  for (const id of groupsIn(ask)) ask.state.org.unshare(record.id, id);
  return json({ notUnsharedFrom: [], itemId: record.id });
}

/** Anything else that would change an item: its time moves, and the log shows it. */
function change(ask: Ask, { record }: PortalItem): Answer {
  ask.state.org.editItem(record.id, {});
  return json({ success: true, id: record.id, itemId: record.id });
}

/** By the way of the owner. */
function owned(act: (ask: Ask, item: PortalItem) => Answer) {
  return (ask: Ask, owner = '', id = ''): Answer => {
    const item = own(ask, owner, id);
    return isItem(item) ? act(ask, item) : item;
  };
}

/** By the way of the item alone. */
function direct(act: (ask: Ask, item: PortalItem) => Answer) {
  return (ask: Ask, id = ''): Answer => {
    const item = visible(ask, id);
    if (!isItem(item)) return item;
    return mayAs(ask.caller, item.record.owner, 'portal:admin:shareToGroup') ? act(ask, item) : errors.forbidden();
  };
}

const item = `${root}/content/items/([0-9a-f]{32})`;

/** What changes items. A POST to an address that no route knows counts as a write as well (server.ts). */
export const changeRoutes: Route[] = [
  { pattern: new RegExp(`${ownItem}/delete$`), kind: 'write', answer: remove },
  { pattern: new RegExp(`${root}/content/users/([^/]+)/deleteItems$`), kind: 'write', answer: removeMany },
  { pattern: new RegExp(`${ownItem}/protect$`), kind: 'write', answer: owned(protect(true)) },
  { pattern: new RegExp(`${ownItem}/unprotect$`), kind: 'write', answer: owned(protect(false)) },
  { pattern: new RegExp(`${ownItem}/share$`), kind: 'write', answer: owned(share) },
  { pattern: new RegExp(`${ownItem}/unshare$`), kind: 'write', answer: owned(unshare) },
  { pattern: new RegExp(`${item}/share$`), kind: 'write', answer: direct(share) },
  { pattern: new RegExp(`${item}/unshare$`), kind: 'write', answer: direct(unshare) },
  { pattern: new RegExp(`${ownItem}/(?:update|move|reassign)$`), kind: 'write', answer: owned(change) },
];
