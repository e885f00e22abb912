import { getRelatedItems } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { RelationOf } from '../../backup/types.ts';
import type { Item } from '../../backup/item.ts';
import { shaped, type Client } from '../connection/client.ts';
import { didSay, isForbidden } from '../connection/portal-error.ts';
import { charactersOf, refuseEndless } from '../connection/list-bounds.ts';
import { segment } from '../connection/segment.ts';

/** One relationship of an item to another. */
export interface Relation {
  type: string;
  direction: 'forward' | 'reverse';
  itemId: string;
}

const related = z.looseObject({
  nextStart: z.number().nullish(),
  relatedItems: z.array(z.looseObject({ id: z.string() })).nullish(),
});
const sharing = z.looseObject({
  sharing: z.looseObject({ access: z.string(), groups: z.array(z.string()).nullish() }).nullish(),
});
/** The items that an item is related to. https://developers.arcgis.com/rest/users-groups-and-items/related-items/ */
export async function readRelations(client: Client, id: string, kinds: readonly RelationOf[]): Promise<Relation[]> {
  const relations: Relation[] = [];
  for (const { type, direction } of kinds) {
    const what = `The related items of ${id}`;
    let total = 0;
    let characters = 0;
    for (let start: number | undefined = 1, pages = 1; start !== undefined && start > 0; pages++) {
      const request = { id: segment(id), relationshipType: type as 'Survey2Service', direction };
      const options = { ...client.options(what), params: { start, num: 100, relationshipType: type, direction } };
      const answer: z.infer<typeof related> = shaped(related, await getRelatedItems({ ...request, ...options }), what);
      const found = answer.relatedItems ?? [];
      total += found.length;
      characters += charactersOf(found.map(({ id: other }) => other));
      refuseEndless(what, { total, entries: total, pages, characters });
      for (const item of found) relations.push({ type, direction, itemId: item.id });
      start = (answer.nextStart ?? -1) > start ? (answer.nextStart ?? undefined) : undefined;
    }
  }
  return relations;
}

/**
 * Whom an item is shared with: its access and all groups, also those that the account is no member of. Undefined where
 * the portal tells that to the owner only (arcgis-rest.md 5).
 */
export async function readSharing(
  client: Client,
  { id, owner }: Item,
): Promise<{ access: string; groups: string[] } | undefined> {
  const path = `/content/users/${segment(owner)}/items/${segment(id)}`;
  try {
    const answer = await client.json(sharing, { path, what: `The sharing of ${id}` });
    return answer.sharing
      ? { access: answer.sharing.access, groups: [...(answer.sharing.groups ?? [])].sort() }
      : undefined;
  } catch (error) {
    if (!didSay(error, isForbidden)) throw error;
    // Or has the account just lost its rights? Then the archive must not forget what it knows.
    await client.session.prove();
    return undefined;
  }
}

/** Reads what a definition may lack, or does without. @param key its place in the definition, with slashes */
export type Optional = (key: string, read: () => Promise<unknown>) => Promise<unknown>;
