import { failure, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { isOn } from '../../paging.ts';
import type { PortalItem } from '../../words.ts';
import { isItem, ownItem, root, visible } from '../wire.ts';
import { mayAs } from '../../tokens.ts';
import { errors } from '../../answers.ts';
import { apply, changeIn } from './change.ts';
import { broke, folderIn, invalid, isAnswer, owned, space, write } from './door.ts';
import { fieldsOf, objectIn } from './fields.ts';
import { startUpload } from './upload.ts';

/** Makes an item, which is private whatever the form says; POST addItem (restore.md 3.1). */
function addItem(ask: Ask, owner = ''): Answer {
  const { org } = ask.state;
  const refused = space(ask, owner) ?? broke(ask);
  if (refused) return refused;
  const type = ask.params.get('type') ?? '';
  const title = ask.params.get('title') ?? '';
  for (const [name, value] of Object.entries({ title, type }))
    if (value === '') return invalid(`'${name}' must be specified.`);
  const change = changeIn(ask, type);
  if (isAnswer(change)) return change;
  const folder = folderIn(ask);
  const name = nameOfFile(ask, change.data?.name);
  const clash = name === null ? undefined : clashing(ask, owner, folder, name);
  if (clash) return clash;
  const wished = wishedId(ask);
  if (typeof wished === 'object') return wished;
  const item = org.addItem({ owner, folder, type, title, ...(wished !== undefined && { id: wished }) });
  ask.state.made.add(item.record.id);
  const own = item.record.typeKeywords;
  apply(ask, item, {
    ...change,
    fields: { ...change.fields, typeKeywords: [...new Set([...own, ...(change.fields.typeKeywords ?? [])])] },
  });
  if (isOn(ask, 'multipart')) startUpload(ask, item, name ?? '');
  return json({ success: true, id: item.record.id, folder });
}

/** Changes what the form names; POST update (restore.md 1.2). */
function update(ask: Ask, owner = '', id = ''): Answer {
  const item = owned(ask, owner, id);
  if (!isItem(item)) return item;
  const change = changeIn(ask, item.record.type);
  if (isAnswer(change)) return change;
  const name = nameOfFile(ask, change.data?.name);
  // Without the folder in the address it is looked for outside any, wherever the item lies (restore.md 1.2).
  const clash = name === null ? undefined : clashing(ask, owner, folderIn(ask), name, id);
  if (clash) return clash;
  if (item.service?.hosted && change.fields.url !== undefined)
    return invalid('The url of a hosted service cannot be updated.');
  if (isOn(ask, 'multipart')) {
    if (name === null) return invalid("'filename' must be specified.");
    startUpload(ask, item, name);
  }
  apply(ask, item, change);
  return json({ success: true, id });
}

function nameOfFile({ params }: Ask, sent: string | null | undefined): string | null {
  return sent ?? (params.get('multipart')?.toLowerCase() === 'true' ? (params.get('filename') ?? null) : null);
}

/** No two files of one name in one folder of one member, or of one member. */
function clashing(ask: Ask, owner: string, folder: string | null, name: string, self?: string): Answer | undefined {
  const { org, writing } = ask.state;
  const others =
    writing.fileNames === 'folder'
      ? org.shelves.folder(owner, folder)
      : [...org.items.values()].filter(({ record }) => record.owner === owner);
  const twin = others.find(({ record, recycled }) => !recycled && record.name === name && record.id !== self);
  if (!twin) return undefined;
  const message =
    self === undefined
      ? `Item with this filename already exists. [itemId=${twin.record.id}]`
      : `Item with file '${name}' already exists.`;
  return failure({ code: 409, messageCode: 'CONT_0027', message });
}

/** The id that a new item shall have; undefined: the portal takes one of its own. */
export function wishedId({ state, params }: Ask): string | Answer | undefined {
  const wished = params.get('itemIdToCreate') ?? '';
  if (wished === '' || state.writing.wishedIds === 'ignored') return undefined;
  if (!/^[0-9a-f]{32}$/.test(wished)) return invalid("Invalid value for 'itemIdToCreate'.");
  // Also one that the caller cannot see, or that lies in the bin (restore.md 0).
  if (state.org.items.has(wished)) return failure({ code: 409, message: `Item with id ${wished} already exists.` });
  return wished;
}

/** POST content/updateItems: fields of several items, each with an outcome of its own. */
function updateItems(ask: Ask): Answer {
  const asked = objectIn(ask.params.get('items') ?? '');
  if (!Array.isArray(asked)) return invalid("Invalid value for 'items'.");
  const entries = (asked as Record<string, object>[]).flatMap((each) => Object.entries(each));
  return json({ results: entries.map(([id, fields]) => updateOne(ask, id, fields)) });
}

function updateOne(ask: Ask, itemId: string, fields: object): object {
  const item = manageable(ask, itemId);
  if (isAnswer(item)) return { itemId, success: false, error: errorIn(item) };
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [name, textOf(value)]);
  const found = fieldsOf(ask.state, new Map(texts), isOn(ask, 'clearEmptyFields'));
  if (isAnswer(found)) return { itemId, success: false, error: errorIn(found) };
  ask.state.org.editItem(itemId, found);
  return { itemId, success: true };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The error in an answer. */
export function errorIn(answer: Answer): unknown {
  return (JSON.parse(answer.body.bytes().toString()) as { error?: unknown }).error;
}

/** An item by its id alone, for its owner and administrators. */
export function manageable(ask: Ask, id: string): PortalItem | Answer {
  const item = visible(ask, id);
  if (!isItem(item)) return item;
  return mayAs(ask.caller, item.record.owner, 'portal:admin:updateItems') ? item : errors.forbidden();
}

const statuses = ['', 'org_authoritative', 'public_authoritative', 'deprecated'];

/** POST setContentStatus; an empty one is taken away with clearEmptyFields alone. */
function setContentStatus(ask: Ask, id = ''): Answer {
  const item = manageable(ask, id);
  if (!isItem(item)) return item;
  const status = ask.params.get('status') ?? '';
  if (!statuses.includes(status)) return invalid("Invalid value for 'status'.");
  if (status !== '' || isOn(ask, 'clearEmptyFields')) ask.state.org.quietlyEdit(id, { contentStatus: status });
  return json({ success: true, itemId: id });
}

/** Content of a member or of one of the member's folders. */
export const ownContent = `${root}/content/users/([^/]+)(?:/[0-9a-f]{32})?`;

/** Making and changing items. */
export const itemWriteRoutes: Route[] = [
  write(`${ownContent}/addItem`, addItem),
  write(`${ownItem}/update`, update),
  write(`${root}/content/updateItems`, updateItems),
  write(`${root}/content/items/([0-9a-f]{32})/setContentStatus`, setContentStatus),
];
