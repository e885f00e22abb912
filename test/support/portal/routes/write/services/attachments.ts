import { json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { contentOf, type Content } from '../../../content.ts';
import { newGlobalId } from '../../../table.ts';
import type { Attachment, Layer, Row, Service } from '../../../words.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { layerIn, moved, opened, server } from './door.ts';
import { failed, holder, rowOf, type Result } from './rows.ts';

/** Files at rows (restore.md 2.1). */

interface Sent {
  globalId?: string;
  parentGlobalId?: string;
  contentType?: string;
  name?: string;
  uploadId?: string;
  data?: string;
  keywords?: string;
}

/** The attachments of an applyEdits. */
export interface AttachmentEdits {
  adds?: Sent[];
  updates?: Sent[];
  deletes?: string[];
}

function hasAttachments({ definition, rows }: Layer): boolean {
  return definition?.['hasAttachments'] === true || rows.some(({ attachments }) => attachments.length > 0);
}

/** Numbers of attachments are given once in a layer. */
function keep({ state }: Ask, service: Service, layer: Layer, row: Row, file: Omit<Attachment, 'id'>): Attachment {
  const id = layer.rows.flatMap((each) => each.attachments).reduce((most, each) => Math.max(most, each.id), 0) + 1;
  const globalId = file.globalId ?? newGlobalId(`${service.itemId} ${layer.id} attachment ${id} ${state.org.tick()}`);
  const made = { ...file, id, globalId };
  row.attachments.push(made);
  return made;
}

const done = (file: Attachment): Result => ({
  objectId: file.id,
  ...(file.globalId !== undefined && { globalId: file.globalId }),
  success: true,
});

/** By global ids, of rows and of the files themselves. */
export function applyAttachments(ask: Ask, service: Service, layer: Layer, edits: AttachmentEdits): object {
  const addResults = (edits.adds ?? []).map((each) => {
    const row = rowOf(layer, each.parentGlobalId ?? '');
    const content = contentIn(ask, each);
    if (!row || !content) return failed(-1, 1019, 'Feature or upload was not found.');
    const { name = 'file', globalId, keywords } = each;
    return done(
      keep(ask, service, layer, row, { name, content, ...(globalId && { globalId }), ...(keywords && { keywords }) }),
    );
  });
  const deleteResults = (edits.deletes ?? []).map((globalId) => {
    const row = layer.rows.find(({ attachments }) => attachments.some((each) => each.globalId === globalId));
    const file = row?.attachments.find((each) => each.globalId === globalId);
    if (!row || !file) return failed(-1, 1019, 'Attachment was not found.');
    row.attachments.splice(row.attachments.indexOf(file), 1);
    return done(file);
  });
  return { addResults, updateResults: [], deleteResults };
}

function contentIn(
  { state }: Ask,
  { uploadId, data, contentType = 'application/octet-stream' }: Sent,
): Content | undefined {
  if (data !== undefined) return contentOf(Buffer.from(data, 'base64'), contentType);
  const held = state.uploads.get(uploadId ?? '');
  return held && contentOf(held.content.bytes(), contentType);
}

/** By the address of a row. */
function ofRow(act: (ask: Ask, at: { service: Service; layer: Layer; row: Row }) => Answer) {
  return (ask: Ask, name = '', id = '', number = ''): Answer => {
    const open = opened(ask, name, /\b(Editing|Create|Update)\b/);
    if (isAnswer(open)) return open;
    const layer = layerIn(open.service, id);
    if (isAnswer(layer)) return layer;
    const at = holder(ask, open.service, layer);
    if (!hasAttachments(at.layer)) return invalid('Attachments are not supported by this layer.');
    const row = at.layer.rows.find((each) => each.id === Number(number));
    if (!row) return invalid('Feature was not found.');
    moved(ask, open.service.itemId, layer, 'rows');
    return act(ask, { ...at, row });
  };
}

const add = ofRow((ask, { service, layer, row }) => {
  const file = ask.body.files.get('attachment') ?? ask.state.uploads.get(ask.params.get('uploadId') ?? '');
  if (!file) return invalid("'attachment' must be specified.");
  const keywords = ask.params.get('keywords');
  const { name, content } = file;
  return json({
    addAttachmentResult: done(keep(ask, service, layer, row, { name, content, ...(keywords && { keywords }) })),
  });
});

const update = ofRow((ask, { row }) => {
  const file = ask.body.files.get('attachment');
  const held = row.attachments.find(({ id }) => id === Number(ask.params.get('attachmentId')));
  if (!file || !held) return invalid('Attachment was not found.');
  Object.assign(held, { name: file.name, content: file.content });
  return json({ updateAttachmentResult: done(held) });
});

const remove = ofRow((ask, { row }) => {
  const ids = (ask.params.get('attachmentIds') ?? '').split(',').map(Number);
  const deleteAttachmentResults = ids.map((id) => {
    const held = row.attachments.find((each) => each.id === id);
    if (!held) return failed(id, 1019, 'Attachment was not found.');
    row.attachments.splice(row.attachments.indexOf(held), 1);
    return done(held);
  });
  return json({ deleteAttachmentResults });
});

/** POST uploads/upload: a file that a later call names. */
function upload(ask: Ask, name = ''): Answer {
  const open = opened(ask, name, /\bUploads\b/);
  if (isAnswer(open)) return open;
  const file = ask.body.files.get('file');
  if (!file) return invalid("'file' must be specified.");
  const itemID = ask.state.jobs.newId().replace('job', 'upload');
  ask.state.uploads.set(itemID, file);
  return json({ success: true, item: { itemID, itemName: file.name, description: null, committed: true } });
}

/** Attachments and uploads. */
export const attachmentRoutes: Route[] = [
  write(`${server}/(\\d+)/(\\d+)/addAttachment`, add),
  write(`${server}/(\\d+)/(\\d+)/updateAttachment`, update),
  write(`${server}/(\\d+)/(\\d+)/deleteAttachments`, remove),
  write(`${server}/uploads/upload`, upload),
];
