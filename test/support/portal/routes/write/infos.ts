import { errors, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { contentOf, typeOf, type Content } from '../../content.ts';
import { isItem, ownItem } from '../wire.ts';
import { isPicture, putThumbnail } from './change.ts';
import { invalid, owned, write } from './door.ts';

/** Thumbnail and info files (restore.md 1.4). */

function updateThumbnail(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  const picture = ask.body.files.get('file')?.content ?? pictureIn(ask.params.get('data'));
  if (!picture) return invalid("'file', 'url' or 'data' must be specified.");
  if (!isPicture(picture)) return invalid('Invalid thumbnail image.');
  ask.state.org.editItem(id, {});
  putThumbnail(item, picture, ask.state.org.now);
  return json({ success: true, itemId: id });
}

function pictureIn(data: string | undefined): Content | undefined {
  return data === undefined
    ? undefined
    : contentOf(Buffer.from(data.replace(/^data:[^,]*,/, ''), 'base64'), 'image/png');
}

function deleteThumbnail(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  for (const path of [...item.infos.keys()]) if (path.startsWith('thumbnail/')) item.infos.delete(path);
  ask.state.org.editItem(id, { thumbnail: null });
  return json({ success: true, itemId: id });
}

/** POST updateinfo: at most 20 files of at most 100 KB each. */
function updateInfo(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  const files = [...ask.body.files.values()];
  if (files.length === 0) return invalid("'file' must be specified.");
  if (files.length > 20 || files.some(({ content }) => content.size > 100 * 1024))
    return invalid('Info files are too large or too many.');
  const folder = ask.params.get('folderName') ?? '';
  for (const { name, content } of files)
    item.infos.set(folder === '' ? name : `${folder}/${name}`, contentOf(content.bytes(), typeOf(name)));
  ask.state.org.editItem(id, {});
  return json({ success: true, itemId: id, owner, folder: item.record.ownerFolder });
}

function deleteInfo(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  if (!item.infos.delete(ask.params.get('infoFile') ?? '')) return errors.noInfo();
  ask.state.org.editItem(id, {});
  return json({ success: true, itemId: id });
}

/** Thumbnails and info files. */
export const infoRoutes: Route[] = [
  write(`${ownItem}/updateThumbnail`, updateThumbnail),
  write(`${ownItem}/deleteThumbnail`, deleteThumbnail),
  write(`${ownItem}/update[iI]nfo`, updateInfo),
  write(`${ownItem}/delete[iI]nfo`, deleteInfo),
];
