import { errors, failure, file, json, redirect, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { contentOf, type Content } from '../content.ts';
import { pageOf } from '../paging.ts';
import { mayAs } from '../tokens.ts';
import { isArriving } from '../uploads.ts';
import type { PortalItem } from '../words.ts';
import { zipContent } from '../zip.ts';
import { isItem, ownItem, root, visible, wireItem } from './wire.ts';

function one(ask: Ask, id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  const control = maySeePrivate(ask, item) && { itemControl: 'admin' };
  return json({ ...wireItem(ask, seen(item)), orgId: ask.state.org.id, lastModified: -1, ...control });
}

/** The item as readers see it: the portal may be late with what was changed (restore.md 0). */
function seen(item: PortalItem): PortalItem {
  const { stale } = item;
  if (!stale || stale.left === 0) return item;
  stale.left -= 1;
  return { ...item, record: stale.record, data: stale.data };
}

/** content/users/{owner}/items/{id}: with all groups, for owner and administrator. */
function owned(ask: Ask, owner = '', id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  if (item.record.owner !== owner) return errors.itemGone();
  if (!mayAs(ask.caller, owner, 'portal:admin:viewItems')) return errors.forbidden();
  return json({ item: wireItem(ask, seen(item)), sharing: { access: item.record.access, groups: [...item.groups] } });
}

/** The bytes themselves, or from the storage origin when they are many (arcgis-rest.md 5.1). */
function bytesOf({ state }: Ask, content: Content, name: string | null): Answer {
  if (content.size <= state.behaviour.redirectAbove) return file(content, name);
  const signature = state.tokens.newSignature();
  state.signed.set(signature, { content, name });
  return redirect(`${state.storageUrl}/items/${signature}?X-Amz-Signature=${signature}`);
}

/** The bytes of an export that are not there yet (arcgis-rest.md 6.2). */
function unready(): Answer {
  return failure({ code: 400, message: 'Error updating file item' });
}

function data(ask: Ask, id = ''): Answer {
  const found = visible(ask, id);
  if (!isItem(found)) return found;
  if (isArriving(found)) return unready();
  const item = seen(found);
  if (item.job) {
    if (!item.job.done) return unready();
    if (item.job.unready > 0) {
      item.job.unready -= 1;
      return unready();
    }
    return bytesOf(ask, item.job.content, item.record.name);
  }
  if (item.data) return bytesOf(ask, item.data, item.record.name);
  if (item.missing === 'noFile') return errors.noFile();
  if (item.missing === 'noSection') return errors.noSection();
  return file(contentOf('', 'text/plain;charset=utf-8'));
}

function info(ask: Ask, id = '', path = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  if (path === 'metadata/metadata.xml') return item.metadata ? file(item.metadata) : errors.noInfo();
  if (path === 'iteminfo.xml') return file(itemInfo(item));
  const found = item.infos.get(path);
  return found ? file(found) : errors.noInfo();
}

function itemInfo({ record }: PortalItem): Content {
  const text = (value: string | null) => (value ?? '').replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const xml = `<?xml version="1.0"?><ESRI_ItemInformation><name>${text(record.name)}</name><title>${text(record.title)}</title><type>${text(record.type)}</type></ESRI_ItemInformation>`;
  return contentOf(xml, 'text/xml');
}

function maySeePrivate(ask: Ask, item: PortalItem): boolean {
  return mayAs(ask.caller, item.record.owner, 'portal:admin:updateItems');
}

function resources(ask: Ask, id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  const isPrivileged = maySeePrivate(ask, item);
  const all = [...item.resources].filter(([, { access }]) => isPrivileged || access !== 'private');
  const { numbers, part } = pageOf(ask, all);
  const list = part.map(([resource, { created, content, access }]) => ({
    resource,
    created,
    size: content.size,
    ...(isPrivileged && { access }),
  }));
  return json({ ...numbers, resources: list });
}

function resource(ask: Ask, id = '', name = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  const found = item.resources.get(name);
  if (!found || (found.access === 'private' && !maySeePrivate(ask, item))) {
    return failure({ code: 400, messageCode: 'CONT_0043', message: 'Resource does not exist or is inaccessible.' });
  }
  return bytesOf(ask, found.content, name.split('/').at(-1) ?? name);
}

/** All in a zip, for owner and administrator. */
function allResources(ask: Ask, id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  if (!maySeePrivate(ask, item)) return errors.forbidden();
  return file(zipContent([...item.resources].map(([name, { content }]) => [name, content.bytes()])), 'resources.zip');
}

function related(ask: Ask, id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  const types = (ask.params.get('relationshipTypes') ?? ask.params.get('relationshipType') ?? '').split(',');
  const found = item.relations.filter(
    ({ type, direction }) => types.includes(type) && direction === ask.params.get('direction'),
  );
  const all = found.map((relation) => visible(ask, relation.id)).filter(isItem);
  const { numbers, part } = pageOf(ask, all);
  return json({ ...numbers, relatedItems: part.map((each) => wireItem(ask, each)) });
}

function groupsOf(ask: Ask, id = ''): Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  const all = [...item.groups].flatMap((group) => ask.state.org.groups.get(group) ?? []);
  const own = ask.caller.account?.username ?? '';
  const shown = all.filter(({ access, members }) => access !== 'private' || members.has(own));
  return json({
    admin: [],
    member: [],
    other: shown.map(({ id: group, title, owner }) => ({ id: group, title, owner })),
  });
}

const item = `${root}/content/items/([0-9a-f]{32})`;

/** Items and the files around them. */
export const itemRoutes: Route[] = [
  { pattern: new RegExp(`${item}$`), answer: one },
  { pattern: new RegExp(`${item}/data$`), answer: data },
  { pattern: new RegExp(`${item}/info/(.+)$`), answer: info },
  { pattern: new RegExp(`${item}/resources$`), answer: resources },
  { pattern: new RegExp(`${item}/resources/export$`), answer: allResources },
  { pattern: new RegExp(`${item}/resources/(.+)$`), answer: resource },
  { pattern: new RegExp(`${item}/relatedItems$`), answer: related },
  { pattern: new RegExp(`${item}/groups$`), answer: groupsOf },
  { pattern: new RegExp(`${ownItem}$`), answer: owned },
  { pattern: new RegExp(`${ownItem}/resources/export$`), answer: (ask, _owner, id) => allResources(ask, id) },
];
