import { getRelatedItems } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { RelationOf } from '../../backup/types.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { didSay, isForbidden } from '../connection/portal-error.ts';
import { charactersOf, refuseEndless } from '../connection/list-bounds.ts';
import { segment } from '../connection/segment.ts';
import { askService, serviceAddress } from '../layers/service.ts';

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
const anything = z.looseObject({});

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

/** What a rebuild of a hosted service needs, as far as the account may read it. Values are the portal's JSON. */
export interface Definition {
  service: unknown;
  /** `/layers`: every layer and table in full */
  layers: unknown;
  /** the administrative definition; a view cannot be made again without its viewLayerDefinition */
  admin?: unknown;
  /** of a view: the services it shows */
  sources?: unknown;
  /** by layer id, of the layers that have some */
  contingentValues?: Record<string, unknown>;
}

/** Characters of a whole definition, which is in memory; those of services with hundreds of layers take some million. */
const mostCharacters = 64 * 1024 * 1024;

/** Reads what a definition may lack, or does without. @param key its place in the definition, with slashes */
export type Optional = (key: string, read: () => Promise<unknown>) => Promise<unknown>;

/**
 * The definition of a hosted service. Throws HOST_FOREIGN and what the service answers.
 * @param optional is given what not everybody may read, and not every server has
 * https://developers.arcgis.com/rest/services-reference/online/hosted-feature-service/
 */
export async function readDefinition(client: Client, item: Item, optional: Optional): Promise<Definition> {
  const url = await serviceAddress(client, item);
  const what = `The definition of ${item.id}`;
  let characters = 0;
  const ask = async (address: string) => {
    const answer = shaped(anything, await askService(client, { url: address, what }), what);
    characters += charactersOf([answer]);
    if (characters > mostCharacters) throw new BackupError('ITEM_DAMAGED', `${what} has too many parts to be true.`);
    return answer;
  };
  const service = await ask(url);
  const layers = await ask(`${url}/layers`);
  const admin = await optional('admin', () => ask(url.replace('/rest/services/', '/rest/admin/services/')));
  const contingent = await readContingent(layers, (id) =>
    optional(`contingentValues/${id}`, () => ask(`${url}/${id}/contingentValues`)),
  );
  const isView = item.typeKeywords.includes('View Service');
  const sources = isView ? await optional('sources', () => ask(`${url}/sources`)) : undefined;
  return {
    service,
    layers,
    ...(admin !== undefined && { admin }),
    ...(sources !== undefined && { sources }),
    ...(contingent && { contingentValues: contingent }),
  };
}

const withContingent = z.looseObject({
  layers: z.array(z.looseObject({ id: z.number(), hasContingentValuesDefinition: z.boolean().nullish() })).nullish(),
  tables: z.array(z.looseObject({ id: z.number(), hasContingentValuesDefinition: z.boolean().nullish() })).nullish(),
});

/** Which values of one field allow which of another; only layers that say so are asked. */
async function readContingent(
  layers: unknown,
  ask: (id: number) => Promise<unknown>,
): Promise<Record<string, unknown> | undefined> {
  const found = withContingent.safeParse(layers).data;
  const some = [...(found?.layers ?? []), ...(found?.tables ?? [])].filter(
    (each) => each.hasContingentValuesDefinition === true,
  );
  const values: Record<string, unknown> = {};
  for (const { id } of some) {
    const answer = await ask(id);
    if (answer !== undefined) values[String(id)] = answer;
  }
  return Object.keys(values).length > 0 ? values : undefined;
}
