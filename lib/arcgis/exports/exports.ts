import { getItemStatus, removeItem } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { ExportFormat } from '../../backup/formats.ts';
import type { Item } from '../../backup/item.ts';
import { oneLine } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { shaped } from '../connection/client.ts';
import { didSay, isForbidden, isGone, PortalError } from '../connection/portal-error.ts';
import { readItem } from '../content/read-item.ts';
import { segment } from '../connection/segment.ts';

/** What to export, and under which title and tags. */
export interface ExportRequest {
  itemId: string;
  owner: string;
  title: string;
  format: ExportFormat;
  tags: readonly string[];
}

const started = z.looseObject({ exportItemId: z.string().regex(/^[0-9A-Za-z]{1,64}$/), jobId: z.string().min(1) });
const status = z.looseObject({ status: z.string(), statusMessage: z.unknown().optional() });
const done = z.looseObject({ success: z.boolean().nullish() });

/** What the portal said of an export that it has begun; `item` is missing where it did not show it yet. */
export interface BegunExport {
  exportItemId: string;
  jobId: string;
  /** whose item it is, as far as is known */
  owner: string;
  item: Item | undefined;
}

/**
 * Starts the export of all layers and tables of a hosted service, under its owner's name, else under our own; both are
 * seen (arcgis-rest.md 6.1). Throws EXPORT_REFUSED and EXPORT_FAILED when the portal said so; PORTAL_UNREACHABLE or
 * PORTAL_ANSWER when its answer was lost, and it may have begun all the same; ITEM_GONE.
 * https://developers.arcgis.com/rest/users-groups-and-items/export-item/
 */
export async function startExport(client: Client, request: ExportRequest): Promise<BegunExport> {
  try {
    return await startAs(client, request.owner, request);
  } catch (error) {
    const { username } = await client.session.identity();
    const isOther = username !== undefined && username.toLowerCase() !== request.owner.toLowerCase();
    if (!didSay(error, isForbidden) || !isOther) throw notStarted(error);
    return startAs(client, username, request).catch((second: unknown) => {
      throw notStarted(second);
    });
  }
}

async function startAs(client: Client, user: string, { itemId, title, format, tags }: ExportRequest) {
  const { exportItemId, jobId } = await client.json(started, {
    path: `/content/users/${segment(user)}/export`,
    method: 'POST',
    // Not rest-js's exportItem: it leaves the tags out, by which people know the item.
    params: { itemId, title, exportFormat: format, tags: tags.join(',') },
    what: `The export of ${itemId}`,
    once: true,
  });
  // Who owns it decides whether it can be deleted; the portal does not say who that is (arcgis-rest.md 6.1).
  const item = await readItem(client, exportItemId).catch((error: unknown) => {
    if (error instanceof PortalError) return undefined;
    throw error;
  });
  return { exportItemId, jobId, owner: item?.owner ?? user, item };
}

function notStarted(error: unknown): unknown {
  if (!(error instanceof PortalError) || error.said === undefined || isGone(error.said)) return error;
  const code = isForbidden(error.said) ? 'EXPORT_REFUSED' : 'EXPORT_FAILED';
  return error.retryable || error.said.code === 498 || error.said.code === 499
    ? error
    : new BackupError(code, error.message);
}

/** How an export is doing. A job that failed, or whose item is gone, is an answer. */
export async function exportStatus(
  client: Client,
  { exportItemId, jobId, owner }: Omit<BegunExport, 'item'>,
): Promise<ExportStatus> {
  const what = `The export ${exportItemId}`;
  const options = {
    id: exportItemId,
    owner: segment(owner),
    jobId,
    jobType: 'export' as const,
    httpMethod: 'GET' as const,
  };
  try {
    const answer = shaped(status, await getItemStatus({ ...options, ...client.options(what), ...noManager }), what);
    const now = answer.status.toLowerCase();
    if (now === 'completed') return { status: 'completed' };
    if (now !== 'failed' && now !== 'failure') return { status: 'processing' };
    return { status: 'failed', message: messageIn(answer.statusMessage) };
  } catch (error) {
    if (didSay(error, isGone))
      return { status: 'failed', message: 'The temporary export disappeared from the portal.' };
    throw error;
  }
}

// Our `request` signs; rest-js's types want a manager all the same.
const noManager = { authentication: undefined as never };

/** The portal's words: a text, or JSON in a text (arcgis-rest.md 6.2). */
function messageIn(value: unknown): string {
  const text = typeof value === 'string' ? value : 'no reason given';
  try {
    const { message } = (JSON.parse(text) ?? {}) as { message?: unknown };
    return `The portal says: ${oneLine(typeof message === 'string' ? message : text, 300)}`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `The portal says: ${oneLine(text, 300)}`;
  }
}

/**
 * Deletes an export of ours for good, past the recycle bin; the caller knows that it is one. What is protected stays, for
 * somebody wants it. False when the portal says that it is not there, as it does to an account that may not see it. Throws
 * EXPORT_NOT_DELETED.
 * https://developers.arcgis.com/rest/users-groups-and-items/delete-item-user-content/
 */
export async function deletePermanently(
  client: Client,
  { id, owner }: { id: string; owner: string },
): Promise<boolean> {
  try {
    await deleteAs(client, id, owner);
    return true;
  } catch (error) {
    if (!(error instanceof PortalError) || error.said === undefined) throw left(id, owner, error);
    // Under a wrong owner's name the portal refuses, or says that there is no such item.
    const item = await readItem(client, id);
    if (item === undefined) return false;
    await deleteAs(client, id, item.owner).catch((second: unknown) => {
      throw left(id, item.owner, second);
    });
    return true;
  }
}

async function deleteAs(client: Client, id: string, owner: string): Promise<void> {
  const what = `Deleting the temporary export ${id}`;
  const options = { id, owner: segment(owner), ...client.options(what), ...noManager };
  const answer = shaped(done, await removeItem({ ...options, params: { permanentDelete: true } }), what);
  if (answer.success === false) throw new BackupError('EXPORT_NOT_DELETED', `${what}: the portal did not do it.`);
}

function left(id: string, owner: string, error: unknown): unknown {
  if (!(error instanceof BackupError)) return error;
  return new BackupError(
    'EXPORT_NOT_DELETED',
    `The temporary export ${id} of ${owner} could not be deleted: ${error.message}`,
  );
}

/** A running export. */
export interface Exporting {
  exportItemId: string;
  jobId: string;
  owner: string;
  /** name of its intent */
  intent: string;
  /** has the portal shown that the item is what the intent stands for? */
  proved: boolean;
}

/** How an export is doing; a failed job is an answer. */
export interface ExportStatus {
  status: 'processing' | 'completed' | 'failed';
  message?: string;
}
