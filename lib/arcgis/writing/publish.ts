import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import type { Writer } from './writer.ts';
import { wordsIn } from './words-in.ts';

/** What a file is to the portal that publishes it, and what it makes of it where it does not say that itself. */
export interface PackageKind {
  fileType: string;
  outputType?: string;
}

/** A file that becomes a service. */
export interface Publication {
  itemId: string;
  /** of the new service */
  name: string;
  /** whose file it is; the caller unless given */
  owner?: string;
  /** a package of tiles; a file geodatabase unless given */
  kind?: PackageKind;
}

/** A service that is being made. */
export interface Publishing {
  itemId: string;
  /** '': the last job of the item */
  jobId: string;
  /** whose it is; the caller unless given */
  owner?: string;
}

const published = z.looseObject({
  services: z.array(
    z.looseObject({
      success: z.boolean().optional(),
      error: z.unknown().optional(),
      serviceItemId: z.string().optional(),
      jobId: z.string().optional(),
    }),
  ),
});

/** Begins to publish a file. Throws as `ServiceWriting`. https://developers.arcgis.com/rest/users-groups-and-items/publish-item/ */
export async function publish(client: Client, writer: Writer, publication: Publication): Promise<Publishing> {
  const { itemId, name, owner = await callerOf(client), kind } = publication;
  const { fileType, outputType } = kind ?? { fileType: 'fileGeodatabase' };
  const what = `Publishing ${name}`;
  const params = {
    itemId,
    fileType,
    publishParameters: JSON.stringify({ name }),
    ...(outputType !== undefined && { outputType }),
    // Its tiles are taken out of the package at once.
    ...(kind !== undefined && { buildInitialCache: true }),
  };
  const path = `/content/users/${segment(owner)}/publish`;
  const [made] = (await writer.send({ path, params, what }, published)).services;
  // An error stands in the list, and the answer looks like a success (restore.md 3.1).
  if (made?.serviceItemId === undefined || made.jobId === undefined || made.success === false)
    throw new BackupError('RESTORE_REFUSED', `${what}: ${wordsIn(made?.error) ?? 'the portal did not do it.'}`);
  return { itemId: made.serviceItemId, jobId: made.jobId, owner };
}

/** How far that is: `processing`, `completed`, `failed`. Throws PORTAL_…. */
export async function publishStatus(client: Client, { itemId, jobId, owner }: Publishing): Promise<string> {
  const path = `/content/users/${segment(owner ?? (await callerOf(client)))}/items/${segment(itemId)}/status`;
  const params = jobId === '' ? {} : { jobId, jobType: 'publish' };
  const call = { path, params, what: `The state of publishing ${itemId}` };
  return (await client.json(z.looseObject({ status: z.string() }), call)).status.toLowerCase();
}

async function callerOf(client: Client): Promise<string> {
  return (await client.session.identity()).username ?? '';
}
