import { json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { isOn } from '../../../paging.ts';
import { truncateRefused } from '../../../truncate.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { admin, job, layerIn, moved, opened } from './door.ts';

/** Emptying whole layers (restore.md 2.1). */

/** POST truncate, by the address for administrators: there is no way back, and numbers begin again at 1. */
function truncate(ask: Ask, name = '', id = ''): Answer {
  const open = opened(ask, name);
  if (isAnswer(open)) return open;
  const layer = layerIn(open.service, id);
  if (isAnswer(layer)) return layer;
  const refused = ask.state.writing.truncateRefused ?? truncateRefused(open.service, layer);
  if (refused !== undefined) return invalid(refused);
  const isAsync = isOn(ask, 'async');
  const { failedJobs, failedWord } = ask.state.writing;
  if (isAsync && failedJobs) return job(ask, name, 'statusURL', { status: failedWord });
  if (isOn(ask, 'attachmentOnly')) for (const row of layer.rows) row.attachments.length = 0;
  else {
    layer.rows.length = 0;
    layer.next = 1;
  }
  moved(ask, open.service.itemId, layer, 'rows');
  return isAsync ? job(ask, name, 'statusURL', { status: 'Completed' }) : json({ success: true });
}

/** Emptying. */
export const emptyRoutes: Route[] = [write(`${admin}/(\\d+)/truncate`, truncate)];
