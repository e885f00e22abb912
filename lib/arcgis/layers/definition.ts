import z from 'zod';
import type { Item } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { shaped } from '../connection/client.ts';
import { charactersOf } from '../connection/list-bounds.ts';
import type { Optional } from '../content/relations.ts';
import { layerId } from './layer-info.ts';
import { BrokenLayer, listLayers, type LayerList } from './layer-list.ts';
import { serviceAddress, askService } from './service.ts';

const anything = z.looseObject({});

/** What a rebuild of a hosted service needs, as far as the account may read it. Values are the portal's JSON. */
export interface Definition {
  service: unknown;
  /** `/layers`: every layer and table in full */
  layers: unknown;
  /** the administrative definition; a view cannot be made again without its viewLayerDefinition */
  admin?: unknown;
  /** of a view: the services it shows */
  sources?: unknown;
  /** of a view, by layer id: the adminLayerInfo of each layer whose administrative definition is told by its own address alone */
  adminLayers?: Record<string, unknown>;
  /** by layer id, of the layers that have some */
  contingentValues?: Record<string, unknown>;
}

/** Characters of a whole definition, which is in memory; those of services with hundreds of layers take some million. */
const mostCharacters = 64 * 1024 * 1024;

/**
 * The definition of a hosted service. Throws HOST_FOREIGN and what the service answers.
 * @param optional is given what not everybody may read, and not every server has
 * https://developers.arcgis.com/rest/services-reference/online/hosted-feature-service/
 */
export async function readDefinition(client: Client, item: Item, optional: Optional): Promise<Definition> {
  const url = await serviceAddress(client, item);
  const what = `The definition of ${item.id}`;
  let characters = 0;
  const bounded = <T>(answer: T): T => {
    characters += charactersOf([answer]);
    if (characters > mostCharacters) throw new BackupError('ITEM_DAMAGED', `${what} has too many parts to be true.`);
    return answer;
  };
  const ask = async (address: string) =>
    bounded(shaped(anything, await askService(client, { url: address, what }), what));
  const service = await ask(url);
  const list = await listLayers(client, url, what);
  const layers = bounded({ ...list.answer });
  await addBroken(list, layers, optional);
  const adminUrl = url.replace('/rest/services/', '/rest/admin/services/');
  const admin = await optional('admin', () => ask(adminUrl));
  const contingent = await readContingent(layers, (id) =>
    optional(`contingentValues/${id}`, () => ask(`${url}/${id}/contingentValues`)),
  );
  const isView = item.typeKeywords.includes('View Service');
  const adminLayers = isView
    ? await readAdminLayers(list, admin, (id) => optional(`adminLayers/${id}`, () => ask(`${adminUrl}/${id}`)))
    : undefined;
  const sources = isView ? await optional('sources', () => ask(`${url}/sources`)) : undefined;
  return {
    service,
    layers,
    ...(admin !== undefined && { admin }),
    ...(adminLayers && { adminLayers }),
    ...(sources !== undefined && { sources }),
    ...(contingent && { contingentValues: contingent }),
  };
}

/** What is not told of a layer stays as it was, in its place among the others. */
async function addBroken(list: LayerList, answer: Record<string, unknown>, optional: Optional): Promise<void> {
  for (const name of ['layers', 'tables'] as const) {
    if (!list[name].some((each) => each instanceof BrokenLayer)) continue;
    const all: unknown[] = [];
    for (const each of list[name]) {
      const isBroken = each instanceof BrokenLayer;
      all.push(isBroken ? await optional(`layers/${each.id}`, () => Promise.reject(each.error)) : each);
    }
    answer[name] = all.filter((each) => each !== undefined);
  }
}

/** What makes a layer of a view: its sources, its fields, its filter (restore.md 0). */
const withRecipe = z.looseObject({ id: layerId, adminLayerInfo: z.looseObject({}) });

const numbered = z.object({ id: layerId });

/** The recipes of a view's layers, of those that the definition of the service does not hold already. */
async function readAdminLayers(
  list: LayerList,
  admin: unknown,
  ask: (id: number) => Promise<unknown>,
): Promise<Record<string, unknown> | undefined> {
  const { adminServiceInfo, layers, tables } = anything.safeParse(admin).data ?? {};
  // Whoever may not read this, or gets what everybody gets, gets no more of the layers.
  if (adminServiceInfo === undefined) return undefined;
  const told = new Set([layers, tables].flat().flatMap((each) => withRecipe.safeParse(each).data?.id ?? []));
  const recipes: Record<string, unknown> = {};
  for (const each of [...list.layers, ...list.tables]) {
    const id = numbered.safeParse(each).data?.id;
    if (id === undefined || told.has(id)) continue;
    const { adminLayerInfo } = anything.safeParse(await ask(id)).data ?? {};
    if (adminLayerInfo !== undefined) recipes[String(id)] = { adminLayerInfo };
  }
  return Object.keys(recipes).length > 0 ? recipes : undefined;
}

/** A layer that says so; one that is odd costs no other. */
const withContingent = z.looseObject({ id: layerId, hasContingentValuesDefinition: z.literal(true) });

/** Which values of one field allow which of another; only layers that say so are asked. */
async function readContingent(
  { layers, tables }: Readonly<Record<string, unknown>>,
  ask: (id: number) => Promise<unknown>,
): Promise<Record<string, unknown> | undefined> {
  const some = [layers, tables].flat().flatMap((each) => withContingent.safeParse(each).data ?? []);
  const values: Record<string, unknown> = {};
  for (const { id } of some) {
    const answer = await ask(id);
    if (answer !== undefined) values[String(id)] = answer;
  }
  return Object.keys(values).length > 0 ? values : undefined;
}
