import { z } from 'zod';
import { segment } from '../connection/segment.ts';
import type { Client } from '../connection/client.ts';
import type { Writer } from './writer.ts';

/** A hosted feature service without layers that is to be made. */
export interface EmptyService {
  /** createParameters, the name among them */
  parameters: Readonly<Record<string, unknown>>;
  isView: boolean;
  /** keywords and other fields of its record, for portals that take them at once */
  fields: Readonly<Record<string, string>>;
  /** where the portal honours it */
  wishedId: string | undefined;
}

const made = z
  .looseObject({
    itemId: z.string().optional(),
    serviceItemId: z.string().optional(),
  })
  .transform(({ itemId, serviceItemId }) => itemId ?? serviceItemId)
  .pipe(z.string().regex(/^[0-9a-f]{32}$/));

/**
 * Makes an empty service, whose item is private, of the caller's and outside any folder; the item's id.
 * https://developers.arcgis.com/rest/users-groups-and-items/create-service/
 */
export async function createService(
  client: Client,
  writer: Writer,
  { parameters, isView, fields, wishedId }: EmptyService,
): Promise<string> {
  const { username } = await client.session.identity();
  const params = {
    ...fields,
    createParameters: JSON.stringify(parameters),
    outputType: 'featureService',
    // Said in both places, or it is none (restore.md 3.2).
    ...(isView && { isView: true }),
    ...(wishedId !== undefined && { itemIdToCreate: wishedId }),
  };
  const path = `/content/users/${segment(username ?? '')}/createService`;
  return writer.send({ path, params, what: `Making the service ${String(parameters['name'])}` }, made);
}
