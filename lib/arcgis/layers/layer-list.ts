import { z } from 'zod';
import { isCode, type BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { numberIn, objectIn, textIn } from '../connection/fields.ts';
import { PortalError } from '../connection/portal-error.ts';
import { askService } from './service.ts';

/** What a service says of its layers and tables, each in full: the portal's JSON, or a layer of which it does not tell. */
export interface LayerList {
  layers: readonly unknown[];
  tables: readonly unknown[];
  /** the answer itself; where they were asked for one by one, one that holds those that could be had */
  answer: object;
}

/** A layer that the service lists, and does not describe. */
export class BrokenLayer {
  /** undefined where the service lists something without a number */
  readonly id: number | undefined;
  readonly name: string;
  readonly error: BackupError;

  constructor(id: number | undefined, name: string, error: BackupError) {
    this.id = id;
    this.name = name;
    this.error = error;
  }

  /** Something in a list of layers that is none. @param n its place */
  static unknown(n: number, what: string): BrokenLayer {
    const error = new PortalError('PORTAL_ANSWER', `${what}: entry ${n + 1} of the list of layers is not a layer.`);
    return new BrokenLayer(undefined, `entry ${n + 1}`, error);
  }
}

const list = z.array(z.unknown()).nullish();
const all = z.looseObject({ layers: list, tables: list });

/** Layers that are asked for one by one, when together they are an error. */
const mostApart = 1000;

/**
 * All layers and tables of a service, in one answer. Where that is an error, for one broken layer makes it one, each is asked for
 * alone. Throws as `askService`.
 * @param url of the service
 * https://developers.arcgis.com/rest/services-reference/enterprise/all-layers-and-tables/
 */
export async function listLayers(client: Client, url: string, what: string): Promise<LayerList> {
  try {
    const answer = shaped(all, await askService(client, { url: `${url}/layers`, what }), what);
    return { layers: answer.layers ?? [], tables: answer.tables ?? [], answer };
  } catch (error) {
    if (!(error instanceof PortalError) || error.code !== 'PORTAL_ERROR' || error.said === undefined) throw error;
    const apart = await listApart(client, url, what, error);
    const found = [...apart.layers, ...apart.tables];
    if (found.every((each) => each instanceof BrokenLayer)) throw error;
    return apart;
  }
}

/** @param together why they cannot be had together; what is wrong with the service itself is told by that */
async function listApart(client: Client, url: string, what: string, together: PortalError): Promise<LayerList> {
  const { layers, tables } = await askService(client, { url, what })
    .then((answer) => shaped(all, answer, what))
    .catch((error: unknown) => {
      throw isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER') ? together : error;
    });
  const [some, others] = [layers ?? [], tables ?? []];
  if (some.length + others.length > mostApart) throw together;
  const ask = async (entry: unknown, n: number) => {
    const id = numberIn(objectIn(entry)?.['id']);
    if (id === undefined) return BrokenLayer.unknown(n, what);
    const named = `${what}, layer ${id}`;
    try {
      return shaped(described, await askService(client, { url: `${url}/${id}`, what: named }), named);
    } catch (error) {
      if (!isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED', 'ITEM_GONE')) throw error;
      return new BrokenLayer(id, textIn(objectIn(entry)?.['name']) ?? '', error);
    }
  };
  const found: { layers: unknown[]; tables: unknown[] } = { layers: [], tables: [] };
  for (const [n, entry] of some.entries()) found.layers.push(await ask(entry, n));
  for (const [n, entry] of others.entries()) found.tables.push(await ask(entry, some.length + n));
  const had = (some: unknown[]) => some.filter((each) => !(each instanceof BrokenLayer));
  return { ...found, answer: { layers: had(found.layers), tables: had(found.tables) } };
}

const described = z.looseObject({ id: z.number() });
