import { errors, type Answer } from '../answers.ts';
import type { Ask } from '../ask.ts';
import { mayAs, maySee } from '../tokens.ts';
import type { PortalItem } from '../words.ts';

/** The root of the REST API, as the beginning of a pattern. */
export const root = /^\/sharing\/rest/.source;

/** An item as it goes over the wire. */
export function wireItem({ state }: Ask, { record }: PortalItem): Record<string, unknown> {
  const url = record.url?.replace('{portal}', state.url).replace('{foreign}', state.foreignUrl) ?? null;
  return { ...record, url };
}

/** The item that the caller may see; else what the portal says instead. */
export function visible(ask: Ask, id: string): PortalItem | Answer {
  const item = ask.state.org.items.get(id);
  if (!item || item.recycled || !maySee(ask.caller, item, ask.state.org)) return errors.itemGone();
  return item;
}

/** Is it an item, and not an answer? */
export function isItem(found: PortalItem | Answer): found is PortalItem {
  return 'record' in found;
}

/** An item by the way that changes it, which leads through its true owner: a pattern with owner and id. */
export const ownItem = `${root}/content/users/([^/]+)(?:/[0-9a-f]{32})?/items/([0-9a-f]{32})`;

/** The item that the caller may change or delete; a wrong owner in the address fails even for an administrator. */
export function own(ask: Ask, owner: string, id: string): PortalItem | Answer {
  const item = ask.state.org.items.get(id);
  if (!item || item.record.owner !== owner) return errors.itemGone();
  return mayAs(ask.caller, owner, 'portal:admin:deleteItems') ? item : errors.forbidden();
}
