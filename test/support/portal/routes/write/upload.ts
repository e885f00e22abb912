import { json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { joined, typeOf } from '../../content.ts';
import { isOn } from '../../paging.ts';
import type { PortalItem, Upload } from '../../words.ts';
import { isItem, ownItem } from '../wire.ts';
import { apply, changeIn, putData } from './change.ts';
import { invalid, isAnswer, owned, write } from './door.ts';

/** Files in parts (restore.md 1.3): they become the item's file when they are committed, never before. */

/** Waits for the parts of a file. */
export function startUpload({ state }: Ask, item: PortalItem, name: string): void {
  item.upload = { name, parts: new Map(), state: 'partial', polls: 0, end: state.writing.commitEnds };
}

/** POST addPart; the number stands in the address, and one that comes again takes the place of the first. */
function addPart(ask: Ask, owner = '', id = ''): Answer {
  const found = uploading(ask, owner, id);
  if (isAnswer(found)) return found;
  const number = Number(ask.query.get('partNum'));
  const file = ask.body.files.get('file');
  if (!Number.isInteger(number) || number < 1 || number > 10_000) return invalid("Invalid value for 'partNum'.");
  if (!file) return invalid("'file' must be specified.");
  found.upload.parts.set(number, file.content);
  return json({ success: true, id });
}

/** POST commit: at once, or as a job that status tells of. */
function commit(ask: Ask, owner = '', id = ''): Answer {
  const found = uploading(ask, owner, id);
  if (isAnswer(found)) return found;
  const { item, upload } = found;
  const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  if (parts.length === 0) return invalid('No parts were uploaded.');
  if (parts.slice(0, -1).some(({ size }) => size < ask.state.writing.leastPart))
    return invalid('Each part but the last must be at least 5 MB.');
  const change = changeIn(ask, item.record.type);
  if (isAnswer(change)) return change;
  const isAsync = isOn(ask, 'async');
  if (upload.end === 'completed') {
    apply(ask, item, change);
    putData(item, joined(parts, typeOf(upload.name)), upload.name);
  }
  upload.parts.clear();
  upload.state = isAsync ? 'processing' : upload.end === 'completed' ? 'completed' : 'failed';
  upload.polls = ask.state.writing.commitPolls;
  return json({ success: true, id });
}

/** POST cancel: what has come is forgotten. */
function cancel(ask: Ask, owner = '', id = ''): Answer {
  const found = uploading(ask, owner, id);
  if (isAnswer(found)) return found;
  found.item.upload = null;
  return json({ success: true, id });
}

function uploading(ask: Ask, owner: string, id: string): { item: PortalItem; upload: Upload } | Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  const { upload } = item;
  return upload?.state === 'partial' ? { item, upload } : invalid('Multipart upload was not started.');
}

/** Uploading in parts. */
export const uploadRoutes: Route[] = [
  write(`${ownItem}/addPart`, addPart),
  write(`${ownItem}/commit`, commit),
  write(`${ownItem}/cancel`, cancel),
];
