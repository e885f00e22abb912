import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { createService, type EmptyService } from './create-service.ts';
import { publish, publishStatus, type Publication, type Publishing } from './publish.ts';
import { endOfJob, followJob, type JobEnd, type JobWatch } from './service-job.ts';
import { wordsIn } from './words-in.ts';
import type { Writer } from './writer.ts';

/** A row as it is sent, in Esri's JSON. */
export interface SentRow {
  attributes: Readonly<Record<string, unknown>>;
  geometry?: unknown;
}

/** What is to become of the rows of a layer, all of it or nothing. `deletes` are object ids, or global ids where these count. */
export interface Edits {
  adds?: readonly SentRow[];
  updates?: readonly SentRow[];
  deletes?: readonly (number | string)[];
}

/** What became of one row. */
export interface EditResult {
  success: boolean;
  /** undefined where the portal does not say */
  objectId: number | undefined;
  /** the portal's words; undefined where it has none */
  trouble: string | undefined;
}

/** What became of all rows, in the order in which they were sent. */
export interface EditResults {
  adds: EditResult[];
  updates: EditResult[];
  deletes: EditResult[];
}

/** A table of a file in the portal that is loaded into a layer. */
export interface Loading {
  /** of the file geodatabase */
  itemId: string;
  table: string;
  /** fields of the layer, and what the table calls them */
  fields: readonly { name: string; source: string }[];
}

/**
 * What a restore changes in hosted services, each call one request, which is sent once; jobs are waited for. `service` is an address
 * as `Portal.serviceAddress` tells it; a layer is its number, null the service itself. Throws RESTORE_REFUSED when the portal says
 * that it will not, or that a job failed; PORTAL_… when the answer was lost, and it may have been done.
 * https://developers.arcgis.com/rest/services-reference/online/hosted-feature-service/
 */
export interface ServiceWriting {
  /** Makes a service without layers: private, of the caller's, outside any folder; its item's id. */
  createService(service: EmptyService): Promise<string>;
  /** Adds layers to a service; fields, indexes, relationships to a layer. */
  addToDefinition(service: string, layer: number | null, body: object): Promise<void>;
  /** Changes what is named of a service or a layer. */
  updateDefinition(service: string, layer: number | null, body: object): Promise<void>;
  deleteFromDefinition(service: string, layer: number | null, body: object): Promise<void>;
  refresh(service: string): Promise<void>;
  /** Empties a layer; there is no way back, and its object ids begin again. */
  truncate(service: string, layer: number): Promise<void>;
  /** Deletes the rows that meet a condition, with their attachments. */
  deleteWhere(service: string, layer: number, where: string): Promise<void>;
  /** Loads a table of a file geodatabase, without attachments. @returns the rows that were loaded, where the portal says it */
  append(service: string, layer: number, loading: Loading, watch?: JobWatch): Promise<number | undefined>;
  /** Waits for the end of a job that was begun before. @param job its address, as its watch has heard it */
  follow(service: string, layer: number, job: string, watch: JobWatch): Promise<void>;
  /** @param useGlobalIds rows are known, and added, by the global ids that they bring */
  applyEdits(service: string, layer: number, edits: Edits, useGlobalIds: boolean): Promise<EditResults>;
  /** Adds a file to a row. */
  addAttachment(service: string, layer: number, objectId: number, file: File, keywords?: string): Promise<void>;
  /** Takes files from a row. */
  deleteAttachments(service: string, layer: number, objectId: number, ids: readonly number[]): Promise<void>;
  /** Begins to make a service of a file of the caller's own; its item's id, and the job's. */
  publish(publication: Publication): Promise<Publishing>;
  /** How far that is: `processing`, `completed`, `failed`. */
  publishStatus(publishing: Publishing): Promise<string>;
}

const result = z.looseObject({
  objectId: z.number().nullish(),
  success: z.boolean(),
  error: z.unknown().optional(),
});
const results = z.array(result).nullish();
const edited = z.looseObject({ addResults: results, updateResults: results, deleteResults: results });
const attached = z.looseObject({ addAttachmentResult: result });
const detached = z.looseObject({ deleteAttachmentResults: results });
const loaded = z.looseObject({ recordCount: z.number().nullish().catch(null) });
/** Opens what a restore changes of services. */
export function openServiceWriting(client: Client, writer: Writer): ServiceWriting {
  const send = async (url: string, params: Record<string, string | number | boolean>, what: string, files = {}) => {
    const sent = { url, params, what, ...(Object.keys(files).length > 0 && { files }) };
    return writer.send<JobEnd>(sent);
  };
  const layerOf = (service: string, layer: number | null) => (layer === null ? service : `${service}/${layer}`);
  const adminOf = (service: string, layer: number | null) =>
    layerOf(service.replace('/rest/services/', '/rest/admin/services/'), layer);
  const define = (verb: string) => async (service: string, layer: number | null, body: object) => {
    const what = `Changing the definition of ${nameOf(service, layer)}`;
    const answer = await send(`${adminOf(service, layer)}/${verb}`, { [verb]: JSON.stringify(body) }, what);
    await endOfJob(client, service, answer, what);
  };
  return {
    createService: (service) => createService(client, writer, service),
    addToDefinition: define('addToDefinition'),
    updateDefinition: define('updateDefinition'),
    deleteFromDefinition: define('deleteFromDefinition'),
    refresh: async (service) => {
      const what = `Refreshing ${nameOf(service, null)}`;
      await endOfJob(client, service, await send(`${adminOf(service, null)}/refresh`, {}, what), what);
    },
    truncate: async (service, layer) => {
      const what = `Emptying ${nameOf(service, layer)}`;
      const answer = await send(`${adminOf(service, layer)}/truncate`, { attachmentOnly: false, async: true }, what);
      await endOfJob(client, service, answer, what);
    },
    deleteWhere: async (service, layer, where) => {
      const what = `Deleting rows of ${nameOf(service, layer)}`;
      const params = { where, rollbackOnFailure: true, returnDeleteResults: false };
      const answer = await send(`${layerOf(service, layer)}/deleteFeatures`, params, what);
      const all = shaped(z.looseObject({ deleteResults: results.catch(null) }), answer, what).deleteResults ?? [];
      refuse(all, what);
    },
    append: async (service, layer, { itemId, table, fields }, watch) => {
      const what = `Loading ${nameOf(service, layer)}`;
      const params = {
        appendItemId: itemId,
        appendUploadFormat: 'filegdb',
        sourceTableName: table,
        fieldMappings: JSON.stringify(fields),
        upsert: false,
        rollbackOnFailure: true,
      };
      const answer = await send(`${layerOf(service, layer)}/append`, params, what);
      const end = await endOfJob(client, service, answer, what, watch);
      return shaped(loaded, end, what).recordCount ?? undefined;
    },
    follow: async (service, layer, job, watch) =>
      void (await followJob(client, service, job, `Loading ${nameOf(service, layer)}`, watch)),
    applyEdits: async (service, layer, { adds, updates, deletes }, useGlobalIds) => {
      const what = `Writing rows of ${nameOf(service, layer)}`;
      const answer = await send(
        `${layerOf(service, layer)}/applyEdits`,
        {
          ...(adds && { adds: JSON.stringify(adds) }),
          ...(updates && { updates: JSON.stringify(updates) }),
          ...(deletes && { deletes: JSON.stringify(deletes) }),
          useGlobalIds,
          rollbackOnFailure: true,
        },
        what,
      );
      const found = shaped(edited, answer, what);
      return {
        adds: read(found.addResults),
        updates: read(found.updateResults),
        deletes: read(found.deleteResults),
      };
    },
    addAttachment: async (service, layer, objectId, file, keywords) => {
      const what = `Adding a file to row ${objectId} of ${nameOf(service, layer)}`;
      const url = `${layerOf(service, layer)}/${objectId}/addAttachment`;
      const params = keywords === undefined || keywords === '' ? {} : { keywords };
      const answer = await send(url, params, what, { attachment: file });
      refuse([shaped(attached, answer, what).addAttachmentResult], what);
    },
    deleteAttachments: async (service, layer, objectId, ids) => {
      const what = `Taking files from row ${objectId} of ${nameOf(service, layer)}`;
      const url = `${layerOf(service, layer)}/${objectId}/deleteAttachments`;
      const answer = await send(url, { attachmentIds: ids.join(',') }, what);
      refuse(shaped(detached, answer, what).deleteAttachmentResults ?? [], what);
    },
    publish: (publication) => publish(client, writer, publication),
    publishStatus: (publishing) => publishStatus(client, publishing),
  };
}

function read(all: z.infer<typeof results>): EditResult[] {
  return (all ?? []).map(({ objectId, success, error }) => ({
    success,
    objectId: objectId ?? undefined,
    trouble: success ? undefined : wordsIn(error),
  }));
}

/** The portal takes edits and says of each whether it did it. Throws RESTORE_REFUSED. */
function refuse(all: readonly z.infer<typeof result>[], what: string): void {
  const failed = all.find(({ success }) => !success);
  if (failed === undefined) return;
  throw new BackupError('RESTORE_REFUSED', `${what}: ${wordsIn(failed.error) ?? 'the portal did not do it.'}`);
}

const nameOf = (service: string, layer: number | null) => {
  const name = service.split('/').at(-2) ?? service;
  return layer === null ? name : `layer ${layer} of ${name}`;
};
