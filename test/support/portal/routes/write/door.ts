import { errors, failure, page, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { mayAs } from '../../tokens.ts';
import type { PortalItem } from '../../words.ts';

/** The door that every change goes through: who may change anything at all, and what of whom. */

/** Why nothing is changed here, whatever was asked. */
export function shut(ask: Ask): Answer | undefined {
  const { caller, state, body } = ask;
  if (!caller.account) return errors.tokenRequired();
  if (body.chunked && body.size > state.writing.mostChunked) return page(413, 'Request Entity Too Large');
  if (caller.account.readsOnly === true) return errors.forbidden();
  if (state.writing.readOnly) return failure({ code: 403, message: 'The portal is in read-only mode.' });
  return undefined;
}

/** An address that changes something; it takes POST alone. */
export function write(path: string, answer: Route['answer']): Route {
  return {
    pattern: new RegExp(`${path}$`),
    kind: 'write',
    answer: (ask, ...parts) => shut(ask) ?? answer(ask, ...parts),
  };
}

/** The item of an address that leads through its owner, and perhaps its folder; else what the portal says instead. */
export function owned(
  ask: Ask,
  owner: string,
  id: string,
  privilege = 'portal:admin:updateItems',
): PortalItem | Answer {
  const item = ask.state.org.items.get(id);
  if (!item || item.recycled || item.record.owner !== owner) return errors.itemGone();
  const folder = folderIn(ask);
  if (folder !== null && item.record.ownerFolder !== folder) return errors.itemGone();
  return mayAs(ask.caller, owner, privilege) ? item : errors.forbidden();
}

/** The folder that the address names before `items` or a verb. */
export function folderIn({ path }: Ask): string | null {
  return /\/content\/users\/[^/]+\/([0-9a-f]{32})\//.exec(path)?.[1] ?? null;
}

/** Why nothing new is made, where credits are used up. */
export function broke({ state }: Ask): Answer | undefined {
  const { credits } = state.writing;
  if (credits === null || credits > 0) return undefined;
  return failure({ code: 400, message: 'Your organization does not have enough credits to perform this operation.' });
}

/** May the caller put something new here? The folder must be the member's own. */
export function space(ask: Ask, owner: string): Answer | undefined {
  const { org, writing } = ask.state;
  if (!org.accounts.has(owner)) return errors.userGone();
  const isOwn = ask.caller.account?.username === owner;
  if (!isOwn && (writing.underOther === 'refused' || !mayAs(ask.caller, owner, 'portal:admin:updateItems')))
    return errors.forbidden();
  const folder = folderIn(ask);
  const isThere = folder === null || org.folders.get(owner)?.some(({ id }) => id === folder) === true;
  return isThere ? undefined : errors.folderGone();
}

/** Wrong or missing parameters. */
export function invalid(message: string, messageCode?: string): Answer {
  return failure({ code: 400, message, messageCode });
}

/** Is it what was looked for, and not an answer in its place? */
export function isAnswer(value: object): value is Answer {
  return 'status' in value && 'body' in value && 'headers' in value;
}
