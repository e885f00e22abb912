import { errors, failure, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { isOn } from '../../paging.ts';
import type { State } from '../../state.ts';
import { mayAs } from '../../tokens.ts';
import type { PortalItem } from '../../words.ts';
import { isItem, own, ownItem, root } from '../wire.ts';
import { invalid, shut } from './door.ts';
import { errorIn } from './items.ts';

/** Deleting, and what the recycle bin gives back (restore.md 1.1). */

/** Deletes as the organization does it: into the bin where there is one that takes it. */
export function toBin({ org, writing }: State, item: PortalItem): void {
  const isTaken = writing.bin === 'on' && !writing.binRefuses.includes(item.record.type);
  if (isTaken) item.recycled = true;
  else org.deleteItem(item.record.id);
}

/** Plain deleting puts into the recycle bin; permanentDelete deletes, also from there (arcgis-rest.md 6.3). */
function remove(ask: Ask, owner = '', id = ''): Answer {
  const refused = shut(ask);
  // Whoever may change nothing may still take away what an own export has made.
  if (refused && !(ask.caller.account && ask.state.exported.has(id))) return refused;
  const item = own(ask, owner, id);
  if (!isItem(item)) return item;
  if (item.record.protected) return invalid(`Unable to delete item ${id}. Delete protection is turned on.`);
  if (viewsOf(ask.state, item).some(({ recycled }) => !recycled))
    return invalid('Unable to delete item. This service item has a related Service item');
  if (isOn(ask, 'permanentDelete')) ask.state.org.deleteItem(id);
  else if (!item.recycled) toBin(ask.state, item);
  return json({ success: true, itemId: id });
}

function viewsOf({ org }: State, { record, service }: PortalItem): PortalItem[] {
  if (!service) return [];
  return [...org.items.values()].filter((other) => other.service?.viewOf === record.id);
}

/** POST deleteItems: at most 100, each with an outcome of its own. */
function removeMany(ask: Ask, owner = ''): Answer {
  const ids = (ask.params.get('items') ?? '').split(',').filter(Boolean);
  if (ids.length > 100) return invalid('Too many items.');
  const results = ids.map((itemId) => {
    const error = errorIn(remove(ask, owner, itemId));
    return error === undefined ? { itemId, success: true } : { itemId, success: false, error };
  });
  return json({ results });
}

/** What lies in the bin; null where nothing does. */
function binned(ask: Ask, owner: string, id: string): PortalItem | Answer {
  const item = ask.state.org.items.get(id);
  if (!item?.recycled || item.record.owner !== owner) return errors.itemGone();
  return mayAs(ask.caller, owner, 'portal:admin:updateItems') ? item : errors.forbidden();
}

/** The source of a view that has to come back before it. */
function offending({ org }: State, { service }: PortalItem): PortalItem[] {
  const source = org.items.get(service?.viewOf ?? '');
  return source?.recycled === true ? [source] : [];
}

/** GET canRestore. */
function canRestore(ask: Ask, owner = '', itemId = ''): Answer {
  const item = binned(ask, owner, itemId);
  if (!isItem(item)) return item;
  const offendingItems = offending(ask.state, item).map(({ record: { id, title, type } }) => ({
    itemId: id,
    title,
    type,
  }));
  if (offendingItems.length === 0) return json({ itemId, success: true });
  const message = 'Unable to restore item. This service item has a required related Service item in recycle bin.';
  return json({ success: false, itemId, error: { code: 400, messageCode: 'CONT_00486', message, offendingItems } });
}

/** GET canRecycle. */
function canRecycle(ask: Ask, owner = '', itemId = ''): Answer {
  const item = own(ask, owner, itemId);
  if (!isItem(item)) return item;
  const { bin, binRefuses } = ask.state.writing;
  if (bin === 'on' && !binRefuses.includes(item.record.type)) return json({ itemId, success: true });
  const message = `Unable to recycle item: ${itemId}.`;
  return json({ success: false, itemId, error: { code: 400, messageCode: 'CONT_0298', message } });
}

/** POST restore: it comes back under its id, seen by its owner alone, without metadata and categories. */
function restore(ask: Ask, owner = '', id = ''): Answer {
  const refused = shut(ask);
  if (refused) return refused;
  const item = binned(ask, owner, id);
  if (!isItem(item) || offending(ask.state, item).length > 0)
    return failure({ code: 500, messageCode: 'CONT_0295', message: `Unable to restore item: ${id}.` });
  const { org } = ask.state;
  const folder = ask.params.get('folder') ?? '/';
  const to = folder === '/' || folder === '' ? null : folder;
  if (to !== null && org.folders.get(owner)?.some((each) => each.id === to) !== true) return errors.folderGone();
  for (const group of [...item.groups]) org.unshare(id, group);
  item.recycled = false;
  item.metadata = null;
  const typeKeywords = item.record.typeKeywords.filter((word) => word !== 'Metadata');
  org.quietlyEdit(id, { access: 'private', categories: [], typeKeywords });
  org.moveItem(id, to);
  return json({ itemId: id, success: true });
}

/** Deleting and the bin. */
export const binRoutes: Route[] = [
  { pattern: new RegExp(`${ownItem}/delete$`), kind: 'write', answer: remove },
  { pattern: new RegExp(`${root}/content/users/([^/]+)/deleteItems$`), kind: 'write', answer: removeMany },
  { pattern: new RegExp(`${ownItem}/restore$`), kind: 'write', answer: restore },
  { pattern: new RegExp(`${ownItem}/canRestore$`), answer: canRestore },
  { pattern: new RegExp(`${ownItem}/canRecycle$`), answer: canRecycle },
];
