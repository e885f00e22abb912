import { getItemStatus, removeItem, unprotectItem } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { ExportFormat } from '../backup/formats.ts';
import type { Exporting, ExportStatus } from '../backup/messages.ts';
import { oneLine } from '../backup/report.ts';
import { BackupError, isCode } from '../errors.ts';
import type { Client } from './client.ts';
import { shaped } from './client.ts';
import { didSay, isForbidden, isGone, PortalFault } from './fault.ts';
import { itemSchema } from './item.ts';
import { readItem } from './items.ts';
import { segment } from './segment.ts';

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

/**
 * Starts the export of all layers and tables of a hosted service, under its owner's name, else under our own; both are
 * seen (arcgis-rest.md 6.1). Throws EXPORT_REFUSED, EXPORT_FAILED, ITEM_GONE.
 * https://developers.arcgis.com/rest/users-groups-and-items/export-item/
 */
export async function startExport(client: Client, request: ExportRequest): Promise<Exporting> {
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

async function startAs(client: Client, user: string, request: ExportRequest): Promise<Exporting> {
  const { exportItemId, jobId } = await startOnce(client, user, request);
  // Who owns it decides whether it can be deleted; the portal does not say who that is (arcgis-rest.md 6.1).
  const made = await readItem(client, exportItemId).catch((error: unknown) => {
    if (error instanceof PortalFault) return undefined;
    throw error;
  });
  // What it is not, must not be deleted as our own.
  if (made !== undefined && made.title !== request.title) {
    throw new BackupError(
      'EXPORT_FAILED',
      `The portal gave item ${exportItemId} for the export, which is another one.`,
    );
  }
  return { exportItemId, jobId, owner: made?.owner ?? user };
}

/** An answer that got lost may stand for an export that has begun: before the next try, that one is deleted. */
async function startOnce(client: Client, user: string, { itemId, title, format, tags }: ExportRequest) {
  const call = {
    path: `/content/users/${segment(user)}/export`,
    method: 'POST',
    // Not rest-js's exportItem: it leaves the tags out, and they are how the next run knows the item as its own.
    params: { itemId, title, exportFormat: format, tags: tags.join(',') },
    what: `The export of ${itemId}`,
    once: true,
  } as const;
  for (let tries = 1; ; tries++) {
    try {
      return await client.json(started, call);
    } catch (error) {
      if (!isCode(error, 'PORTAL_UNREACHABLE', 'PORTAL_ANSWER') || tries >= 3) throw error;
      await client.clock.sleep(5000 * tries);
      await deleteLost(client, user, title);
    }
  }
}

async function deleteLost(client: Client, user: string, title: string): Promise<void> {
  const params = { start: 1, num: 100, sortField: 'created', sortOrder: 'desc' };
  const call = { path: `/content/users/${segment(user)}`, params, what: `The content of ${user}` };
  const { items } = await client.json(z.looseObject({ items: z.array(itemSchema) }), call);
  for (const { id, owner } of items.filter((item) => item.title === title))
    await deletePermanently(client, { id, owner });
}

function notStarted(error: unknown): unknown {
  if (!(error instanceof PortalFault) || error.said === undefined || isGone(error.said)) return error;
  const code = isForbidden(error.said) ? 'EXPORT_REFUSED' : 'EXPORT_FAILED';
  return error.retryable || error.said.code === 498 || error.said.code === 499
    ? error
    : new BackupError(code, error.message);
}

/** How an export is doing. A job that failed, or whose item is gone, is an answer. */
export async function exportStatus(client: Client, { exportItemId, jobId, owner }: Exporting): Promise<ExportStatus> {
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
 * Deletes an item of ours for good, past the recycle bin, and takes away its protection first where somebody set it.
 * Success when it is gone already. Throws EXPORT_LEFT.
 * https://developers.arcgis.com/rest/users-groups-and-items/delete-item-user-content/
 */
export async function deletePermanently(client: Client, { id, owner }: { id: string; owner: string }): Promise<void> {
  try {
    await deleteAs(client, id, owner);
  } catch (error) {
    if (!(error instanceof PortalFault) || error.said === undefined) throw left(id, owner, error);
    // Under a wrong owner's name the portal refuses, or says that there is no such item.
    const item = await readItem(client, id);
    if (item === undefined) return;
    await deleteAs(client, id, item.owner).catch((second: unknown) => {
      throw left(id, item.owner, second);
    });
  }
}

async function deleteAs(client: Client, id: string, owner: string): Promise<void> {
  const what = `Deleting the temporary export ${id}`;
  const options = { id, owner: segment(owner), ...client.options(what), ...noManager };
  const remove = async () => {
    const answer = shaped(done, await removeItem({ ...options, params: { permanentDelete: true } }), what);
    if (answer.success === false) throw new BackupError('EXPORT_LEFT', `${what}: the portal did not do it.`);
  };
  try {
    await remove();
  } catch (error) {
    if (!didSay(error, ({ message }) => /delete protection/i.test(message))) throw error;
    await unprotectItem({ ...options });
    await remove();
  }
}

function left(id: string, owner: string, error: unknown): unknown {
  if (!(error instanceof BackupError)) return error;
  return new BackupError(
    'EXPORT_LEFT',
    `The temporary export ${id} of ${owner} could not be deleted: ${error.message}`,
  );
}
