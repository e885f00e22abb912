import type { HttpResponseInit } from '@azure/functions';
import { checkRestoreRequest } from '../../api/restore-request.ts';
import type { RestoreRequest } from '../../api/restores.ts';
import { BackupError } from '../../errors.ts';
import { progressJson } from './progress.ts';
import { planningProgress, restoreProgress } from './restore.ts';
import { safe, seeOther } from './shell.ts';
import type { Site } from './site.ts';

/** Plans what a form asks for, and leads to the plan. Throws USAGE, and what the API throws. */
export async function planRestore({ restores }: Site, form: URLSearchParams): Promise<HttpResponseInit> {
  return planned(await restores.plan(requestOf(form)));
}

/** What POST /api/restores would be sent, out of the fields of a form. Throws USAGE. */
function requestOf(form: URLSearchParams): RestoreRequest {
  const items = form.getAll('item').filter((item) => item.trim() !== '');
  if (items.length === 0)
    throw new BackupError('USAGE', 'The form names no item.', { hint: 'Begin at the page of the item.' });
  const one = (name: string) => {
    const value = form.get(name)?.trim() ?? '';
    return value === '' ? {} : { [name]: value };
  };
  const yes = (name: string) => (form.get(name) === 'yes' ? { [name]: true } : {});
  const only = form.getAll('only');
  const fields = (form.get('fields') ?? '').split(',').flatMap((field) => field.trim() || []);
  return checkRestoreRequest({
    items,
    ...{ ...one('at'), ...one('mode'), ...one('owner'), ...one('rows') },
    ...{ ...yes('withUses'), ...yes('widenSharing'), ...yes('repoint') },
    ...(only.length > 0 && { only }),
    ...(fields.length > 0 && { fields }),
  });
}

/** Starts a plan, or leads to the new one where the portal has changed since. */
export async function startRestore({ restores }: Site, id: string): Promise<HttpResponseInit> {
  const begun = await restores.start(id);
  return 'stale' in begun ? planned(begun.stale, '?changed=yes') : planned(begun.restore);
}

/** Stops a restore after the step under way; a plan is forgotten. */
export async function stopRestore({ restores }: Site, id: string): Promise<HttpResponseInit> {
  return (await restores.stop(id)) === 'dropped' ? seeOther('/restores') : seeOther(addressOf(id));
}

/** Plans taking a restore back, and leads to the plan. */
export async function undoRestore({ restores }: Site, id: string): Promise<HttpResponseInit> {
  return planned(await restores.planUndo(id));
}

/** What the page's script asks for while a restore is under way. */
export async function followRestore(site: Site, id: string): Promise<HttpResponseInit> {
  const restore = await site.restores.status(id);
  const progress =
    restore.state === 'running'
      ? restoreProgress(restore)
      : restore.state === 'planning'
        ? planningProgress(restore)
        : undefined;
  return { status: 200, jsonBody: progressJson(progress, site.now()), headers: { ...safe } };
}

function planned({ restoreId }: { restoreId: string }, query = ''): HttpResponseInit {
  return seeOther(addressOf(restoreId) + query);
}

function addressOf(id: string): string {
  return `/restores/${encodeURIComponent(id)}`;
}
