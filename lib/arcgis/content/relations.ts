import { getRelatedItems } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { RelationOf } from '../../backup/types.ts';
import type { Item } from '../../backup/item.ts';
import { shaped, type Client } from '../connection/client.ts';
import { didSay, isForbidden } from '../connection/portal-error.ts';
import { idIn, kindOf, numberIn, objectIn, readList } from '../connection/fields.ts';
import type { Listed } from '../connection/list-all.ts';
import { charactersOf, refuseEndless } from '../connection/list-bounds.ts';
import { segment } from '../connection/segment.ts';
import { addTroubles, lackingIn, noTroubles } from '../connection/troubles.ts';
import type { BackupError } from '../../errors.ts';

/** One relationship of an item to another. */
export interface Relation {
  type: string;
  direction: 'forward' | 'reverse';
  itemId: string;
}

/** Whom an item is shared with, as far as it can be read. */
export interface SharingRead {
  access: string;
  /** ids of groups, sorted */
  groups: string[];
  /** why there may be other groups */
  lacking: BackupError | undefined;
}

const related = z.looseObject({});
const sharing = z.looseObject({
  sharing: z.looseObject({ access: z.string(), groups: z.unknown().optional() }).nullish(),
});

/**
 * The items that an item is related to in one way. Not every portal says how many there are. Entries that are no items cost no
 * others: they are told in `lacking`. https://developers.arcgis.com/rest/users-groups-and-items/related-items/
 */
export async function readRelations(
  client: Client,
  id: string,
  { type, direction }: RelationOf,
): Promise<Listed<Relation>> {
  const what = `The related items of ${id}`;
  const found = new Map<string, Relation>();
  let troubles = noTroubles;
  let total = 0;
  let characters = 0;
  for (let start = 1, pages = 1; start > 0; pages++) {
    const request = { id: segment(id), relationshipType: type as 'Survey2Service', direction };
    const options = { ...client.options(what), params: { start, num: 100, relationshipType: type, direction } };
    const answer: z.infer<typeof related> = shaped(related, await getRelatedItems({ ...request, ...options }), what);
    const { list, unread } = readList(answer['relatedItems'], readId, (each) => each, 'related item');
    total += list.length + unread.length;
    characters += charactersOf([list, unread]);
    refuseEndless(what, { total, entries: total, pages, characters });
    for (const itemId of list) found.set(itemId, { type, direction, itemId });
    troubles = addTroubles(troubles, { unread });
    const next = numberIn(answer['nextStart']) ?? -1;
    start = next > start ? next : -1;
  }
  return { list: [...found.values()], lacking: lackingIn(what, troubles) };
}

const readId = (entry: unknown) => idIn(objectIn(entry)?.['id']);

/**
 * Whom an item is shared with: its access and all groups, also those that the account is no member of. Undefined where
 * the portal tells that to the owner only (arcgis-rest.md 5).
 */
export async function readSharing(client: Client, { id, owner }: Item): Promise<SharingRead | undefined> {
  const path = `/content/users/${segment(owner)}/items/${segment(id)}`;
  const what = `The sharing of ${id}`;
  try {
    const answer = await client.json(sharing, { path, what });
    if (!answer.sharing) return undefined;
    const { list, unread } = readList(
      answer.sharing.groups,
      idIn,
      (each) => each,
      'group',
      (entry) => `is ${kindOf(entry)}`,
    );
    const lacking = lackingIn(what, addTroubles(noTroubles, { unread }));
    return { access: answer.sharing.access, groups: list.sort(), lacking };
  } catch (error) {
    if (!didSay(error, isForbidden)) throw error;
    // Or has the account just lost its rights? Then the archive must not forget what it knows.
    await client.session.prove();
    return undefined;
  }
}

/** Reads what a definition may lack, or does without. @param key its place in the definition, with slashes */
export type Optional = (key: string, read: () => Promise<unknown>) => Promise<unknown>;
