import type { Relation } from '../../arcgis/content/relations.ts';
import { isHosted } from '../../backup/formats.ts';
import { definitionBytes } from '../../backup/layers/definition.ts';
import { canonicalJson } from '../../backup/json.ts';
import type { Found } from '../../backup/found.ts';
import { memberPath } from '../../backup/names/paths.ts';
import { typeInfo } from '../../backup/types.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import { isCode } from '../../errors.ts';
import { small, type ItemDeps } from './stage-part.ts';
import type { Fetcher } from './fetcher.ts';

/** Side parts that are put together from several answers. What one of them lacks is taken from the version before. */

/** The items at the other ends of the item's relationships, one question for each kind. */
export const fetchRelations: Fetcher = async ({ deps, portal, found, into }) => {
  const path = 'related.json';
  const relations: Relation[] = [];
  const lacking = new Set<string>();
  for (const kind of typeInfo(found.item.type).relations) {
    const what = `${path} (${kind.type})`;
    const answer = await into.ask(path, () => portal.relations(found.item.id, kind), { what });
    if (answer === 'lacking') lacking.add(`${kind.type} ${kind.direction}`);
    else if (answer === 'none')
      into.note('NOT_THERE', `The portal does not know the relationship ${kind.type} of this item.`, path);
    else {
      relations.push(...answer.value.list);
      if (answer.value.lacking) lacking.add(`${kind.type} ${kind.direction}`);
      if (answer.value.lacking) into.lack(path, answer.value.lacking);
    }
  }
  if (lacking.size > 0) {
    const before = await readBefore<Relation[]>(deps, found, path);
    if (before === 'unreadable') return into.keep((part) => part.path === path);
    relations.push(...(before ?? []).filter(({ type, direction }) => lacking.has(`${type} ${direction}`)));
  }
  if (relations.length === 0) return;
  const each = new Map(relations.map((relation) => [canonicalJson(relation), relation]));
  const sorted = [...each].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, relation]) => relation);
  into.taken.push(small('related', path, Buffer.from(canonicalJson(sorted))));
};

/** The definition of a hosted layer. What not every server has, or not everybody may read, may be lacking. */
export const fetchDefinition: Fetcher = async ({ deps, portal, found, into }) => {
  if (!isHosted(found.item) || found.notOwn !== undefined) return;
  const path = 'layers.json';
  let before: ReturnType<typeof readBefore<Record<string, unknown>>> | undefined;
  const earlier = async (key: string): Promise<unknown> => {
    const definition = await (before ??= readBefore<Record<string, unknown>>(deps, found, path));
    const [name = '', id] = key.split('/');
    const value = typeof definition === 'object' ? definition[name] : undefined;
    if (id !== undefined && name === 'layers') return layerIn(value, Number(id));
    return id === undefined ? value : (value as Record<string, unknown> | undefined)?.[id];
  };
  const optional = async (key: string, read: () => Promise<unknown>) => {
    const had = async () => (await earlier(key)) !== undefined;
    const answer = await into.ask(path, read, { had, what: `${path} (${key})` });
    if (answer === 'none') {
      into.note('NOT_THERE', `The server does not have this of ${path}: ${key}.`, path);
      return undefined;
    }
    return answer === 'lacking' ? earlier(key) : answer.value;
  };
  // That nothing can be had of it is told once, with its rows.
  if (found.silent !== undefined) return into.keep((part) => part.path === path);
  const end = await into.take(path, async () => {
    const definition = await portal.definition(found.item, optional);
    return small('layers', path, definitionBytes(definition));
  });
  if (end !== 'none') return;
  into.note(
    'NOT_TOLD',
    'The server does not have the definition of this service; a version of it that was saved stays.',
    path,
  );
  into.keep((part) => part.path === path);
};

/** One layer or table of a definition. */
function layerIn(value: unknown, id: number): unknown {
  const { layers, tables } = (value ?? {}) as { layers?: { id: unknown }[]; tables?: { id: unknown }[] };
  return [...(layers ?? []), ...(tables ?? [])].find((each) => each.id === id);
}

/** A JSON file of the archive's version; undefined when it has none, 'unreadable' when it is damaged or a Git LFS object. */
export async function readBefore<T>(
  { repository }: ItemDeps,
  found: Found,
  path: string,
): Promise<T | undefined | 'unreadable'> {
  const part = found.saved?.parts.find((each) => each.path === path);
  if (found.saved === undefined || part === undefined) return undefined;
  if (part.lfs) return 'unreadable';
  try {
    const head = await repository.head();
    const file = `${memberPath(found.saved.owner)}/${found.saved.path}/${path}`;
    const oid = head && (await repository.treeAt(head.tree, file));
    const held = oid && (await archivedJson(repository, oid));
    return held === undefined ? 'unreadable' : (held as T);
  } catch (error) {
    if (isCode(error, 'STORE_DAMAGED')) return 'unreadable';
    throw error;
  }
}
