import { failure, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { contentOf, typeOf, type Content } from '../../content.ts';
import { isOn } from '../../paging.ts';
import { readZip } from '../../unzip.ts';
import type { PortalItem } from '../../words.ts';
import { isItem, ownItem } from '../wire.ts';
import { invalid, isAnswer, owned, write } from './door.ts';

/** Files beside an item (restore.md 1.4). */

const endings =
  /\.(json|xml|txt|png|pbf|zip|jpeg|jpg|gif|bmp|gz|svg|svgz|geodatabase|glb|stylx|pdf|wav|webp|webm|css|js|html|md|csv|ttf|woff2?)$/i;

/** What a form sends: by path. At most 50 files, of at most 50 MB each. */
async function sent(ask: Ask): Promise<Map<string, Content> | Answer> {
  const { params, body } = ask;
  const prefix = (params.get('resourcesPrefix') ?? '').replace(/^\/|\/$/g, '');
  const path = (name: string) => (prefix === '' ? name : `${prefix}/${name}`);
  const file = body.files.get('file');
  const text = params.get('text');
  const found = new Map<string, Content>();
  if (file && isOn(ask, 'archive')) {
    for (const [name, bytes] of await readZip(file.content.bytes()))
      found.set(path(name), contentOf(bytes, typeOf(name)));
  } else if (file) found.set(path(params.get('fileName') ?? file.name), file.content);
  else if (text !== undefined && params.get('fileName'))
    found.set(path(params.get('fileName') ?? ''), contentOf(text, typeOf(params.get('fileName') ?? '')));
  if (found.size === 0) return invalid("'file' or 'text' with 'fileName' must be specified.");
  if (found.size > 50) return invalid('Too many files.');
  const wrong = [...found].find(([name, { size }]) => size > 50_000_000 || !endings.test(name));
  return wrong ? invalid(`Resource ${wrong[0]} is of no type that is supported, or too large.`) : found;
}

/** @param isNew a name that is there must not be added, one that is not there not updated */
function put(isNew: boolean) {
  return async (ask: Ask, owner = '', id = ''): Promise<Answer> => {
    const item = owned(ask, owner, id);
    if (!isItem(item)) return item;
    const files = await sent(ask);
    if (isAnswer(files)) return files;
    for (const name of files.keys()) {
      if (item.resources.has(name) === isNew) return isNew ? invalid(`Resource ${name} already exists.`) : gone();
    }
    if (isNew && item.resources.size + files.size > 1000 && item.record.type !== 'Style')
      return invalid('Too many resources.');
    for (const [name, content] of files) keep(ask, item, name, content, isNew);
    return done(ask, item);
  };
}

/** Some are said to be there and are not (restore.md 0). */
function keep(ask: Ask, item: PortalItem, name: string, content: Content, isNew: boolean): void {
  const { state } = ask;
  state.added += 1;
  if (state.writing.loseResource > 0 && state.added % state.writing.loseResource === 0) return;
  const held = item.resources.get(name);
  const asked = ask.params.get('access');
  const access = asked === 'private' || asked === 'inherit' ? asked : (held?.access ?? 'inherit');
  item.resources.set(name, { content, access, created: isNew || !held ? state.org.now : held.created });
}

/** POST removeResources: one by its path, or all. */
function remove(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  if (isOn(ask, 'deleteAll')) item.resources.clear();
  else if (!item.resources.delete(ask.params.get('resource') ?? '')) return gone();
  return done(ask, item);
}

function gone(): Answer {
  return failure({ code: 400, messageCode: 'CONT_0043', message: 'Resource does not exist or is inaccessible.' });
}

function done(ask: Ask, { record }: PortalItem): Answer {
  ask.state.org.editItem(record.id, {});
  return json({ success: true, itemId: record.id, owner: record.owner, folder: record.ownerFolder });
}

/** Resources. */
export const resourceRoutes: Route[] = [
  write(`${ownItem}/addResources`, put(true)),
  write(`${ownItem}/updateResources`, put(false)),
  write(`${ownItem}/removeResources`, remove),
];
