import type { Answer } from '../../answers.ts';
import { failure } from '../../answers.ts';
import type { Ask } from '../../ask.ts';
import { contentOf, type Content } from '../../content.ts';
import { isTextType } from '../../records.ts';
import type { ItemRecord, PortalItem } from '../../words.ts';
import { invalid, isAnswer } from './door.ts';
import { fieldsIn } from './fields.ts';

/** What an addItem or update would change of an item. */
export interface Change {
  fields: Partial<ItemRecord>;
  /** its new bytes, and of a file its name */
  data: { content: Content; name: string | null } | null;
  thumbnail: Content | null;
  metadata: Content | null;
}

/** The change that a form asks for. @param type of the item, unless the form gives it another */
export function changeIn(ask: Ask, type: string): Change | Answer {
  if (ask.body.isForeign) return invalid('No parameters were specified.');
  const fields = fieldsIn(ask);
  if (isAnswer(fields)) return fields;
  const { files } = ask.body;
  const thumbnail = files.get('thumbnail')?.content ?? null;
  if (thumbnail && !isPicture(thumbnail)) return invalid('Invalid thumbnail image.');
  const data = dataIn(ask, fields.type ?? type);
  if (data !== null && 'status' in data) return data;
  return { fields, data, thumbnail, metadata: files.get('metadata')?.content ?? null };
}

function dataIn(ask: Ask, type: string): Change['data'] | Answer {
  const file = ask.body.files.get('file');
  if (file) return { content: file.content, name: file.name };
  const text = ask.params.get('text');
  // What is empty changes nothing (restore.md 1.3).
  if (text === undefined || text === '') return null;
  if (isTextType(type) && !isJson(text))
    return failure({ code: 400, messageCode: 'CONT_0057', message: "Invalid JSON in 'text' parameter." });
  return { content: contentOf(text, 'text/plain;charset=utf-8'), name: null };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const pictures = ['89504e47', '47494638', 'ffd8ff'];

/** PNG, GIF or JPEG of at most 10 MB. */
export function isPicture(content: Content): boolean {
  if (content.size > 10_000_000) return false;
  const head = Buffer.concat([...content.read(0, 4)]).toString('hex');
  return pictures.some((each) => head.startsWith(each));
}

/** Changes the item; its time moves. */
export function apply(ask: Ask, item: PortalItem, { fields, data, thumbnail, metadata }: Change): void {
  const { org, writing } = ask.state;
  const { record } = item;
  if (writing.staleReads > 0)
    item.stale = { record: structuredClone(record), data: item.data, left: writing.staleReads };
  if (data) putData(item, data.content, data.name);
  if (thumbnail) putThumbnail(item, thumbnail, org.now);
  const titled = metadata && writing.keepsMetadata ? putMetadata(item, metadata, writing.metadataSetsTitle) : {};
  const keywords = fields.typeKeywords && item.metadata ? { typeKeywords: withWord(fields.typeKeywords) } : {};
  org.editItem(record.id, { ...titled, ...fields, ...keywords });
}

const withWord = (keywords: readonly string[]) => [...new Set([...keywords, 'Metadata'])];

/** The item gets other bytes; `name` null: they are no file, and it keeps the name that it has. */
export function putData(item: PortalItem, content: Content, name: string | null): void {
  item.data = content;
  item.record.size = content.size;
  if (name !== null) item.record.name = name;
}

/** The portal names pictures itself. */
export function putThumbnail(item: PortalItem, picture: Content, at: number): void {
  for (const path of [...item.infos.keys()]) if (path.startsWith('thumbnail/')) item.infos.delete(path);
  const path = `thumbnail/thumbnail${at}.png`;
  item.infos.set(path, contentOf(picture.bytes(), 'image/png'));
  item.record.thumbnail = path;
}

function putMetadata(item: PortalItem, metadata: Content, setsTitle: boolean): Partial<ItemRecord> {
  item.metadata = contentOf(metadata.bytes(), 'text/xml');
  item.record.typeKeywords = withWord(item.record.typeKeywords);
  const title = /<(?:resTitle|title)>([^<]+)</.exec(metadata.bytes().toString())?.[1];
  return setsTitle && title !== undefined ? { title } : {};
}
