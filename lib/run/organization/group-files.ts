import { jsonIn } from '../../backup/json.ts';
import { isPicture } from '../../backup/group-pictures.ts';
import { numberOf } from '../../backup/words.ts';
import { lacking } from '../../arcgis/connection/identity.ts';
import type { GroupRead } from '../../arcgis/organization/groups.ts';
import type { Portal } from '../../arcgis/portal.ts';
import {
  groupNames,
  groupText,
  withArchivedContent,
  type Group,
  type GroupContent,
} from '../../backup/organization.ts';
import { BackupError, toFailure, type Failure } from '../../errors.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import { chunks } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';
import { readPictures } from './group-pictures.ts';

/** What becomes of `organization/groups/`. */
export interface GroupFiles {
  /** by file name */
  texts: Map<string, string>;
  /** the same of pictures */
  pictures: Map<string, Buffer>;
  /** names of files whose group is no more, or has another name */
  gone: string[];
  /** what a reader should know, each a sentence */
  warnings: string[];
  /** the same of what could not be read, or is in no list though the portal has it: the archive keeps what it has */
  kept: string[];
}

/** So many groups may fail, each after five patient tries, before the rest is not asked for: then it is the portal. */
const mostFailures = 10;
/** They are in memory together; a thousand groups with a thousand items and members each take 60 million. */
const mostCharacters = 256 * 1024 * 1024;

/**
 * Reads all groups with their members and content, as many at a time as there are lanes. A group that cannot be read keeps
 * the file that the archive has, and so does one that a list which is lacking has not, unless the portal says that it is gone. Of
 * those that have changed also the picture.
 */
export async function readGroupFiles(deps: Deps, portal: Portal, orgId: string): Promise<GroupFiles> {
  const { list: groups, lacking } = await portal.groups(orgId);
  const names = groupNames(groups);
  const texts = new Map<string, string>();
  const groupOf = new Map<string, Group>();
  const failed = new Map<string, Failure>();
  const short = new Map<string, BackupError>();
  let characters = 0;
  const put = (group: Group, text: string) => {
    characters += text.length;
    if (characters > mostCharacters) throw tooMuch();
    texts.set(names.get(group.id) ?? '', text);
    groupOf.set(names.get(group.id) ?? '', group);
  };
  for await (const some of chunks(groups, deps.rules.concurrency)) {
    if (failed.size >= mostFailures) break;
    await Promise.all(
      some.map(async (group) => {
        const read = await readOne(portal, group, failed);
        const content = read && (await wholeContent(deps, group, names.get(group.id), read, short));
        if (content) put(group, groupText(group, content));
      }),
    );
  }
  const unread = new Set(groups.filter(({ id }) => !texts.has(names.get(id) ?? '')).map(({ id }) => id));
  const inArchive = await archivedFiles(deps);
  const { gone, warnings, kept } = await findGone(deps, portal, names, unread, inArchive);
  if (lacking) kept.unshift(`${lacking.code}: ${lacking.message}`);
  const [lack] = short.values();
  if (lack) kept.unshift(shortText(lack, short.size, groups.length));
  // What the portal refuses for good stands behind all others.
  const [first] = [...failed.values()].sort((a, b) => Number(isRefused(a)) - Number(isRefused(b)));
  if (first) {
    const sentence = `${unread.size} of ${numberOf(groups.length, 'group')} could not be read (${first.code}: ${first.message}): the archive keeps what it has of them.`;
    (isRefused(first) ? warnings : kept).unshift(sentence);
    // Strangers are refused in the same words.
    if (isRefused(first)) await portal.prove();
  }
  const read = new Map([...texts].flatMap(([name, text]) => withGroup(name, text, groupOf)));
  const files = new Map(inArchive.map(({ name, oid }) => [name, oid]));
  const pictures = await readPictures(deps, portal, read, { archived: files, left: new Set(gone) });
  for (const name of pictures.heldBack) texts.delete(name);
  return {
    texts,
    pictures: pictures.bytes,
    gone: [...gone, ...pictures.gone],
    warnings: [...warnings, ...pictures.warnings],
    kept: [...kept, ...pictures.kept],
  };
}

function withGroup(name: string, text: string, groups: ReadonlyMap<string, Group>) {
  const group = groups.get(name);
  return group === undefined ? [] : [[name, { group, text }] as const];
}

function shortText({ code, message }: BackupError, count: number, all: number): string {
  return `${count} of ${numberOf(all, 'group')} could be read in part only (${code}: ${message}): the archive keeps what it has of ${count === 1 ? 'it' : 'them'} besides.`;
}

const isRefused = ({ code }: Failure) => code === 'PORTAL_REFUSED';

function tooMuch(): BackupError {
  return new BackupError('PORTAL_ANSWER', `All groups together would take more than ${mostCharacters} characters.`);
}

async function readOne(portal: Portal, { id }: Group, failed: Map<string, Failure>): Promise<GroupRead | undefined> {
  try {
    return await portal.group(id);
  } catch (error) {
    failed.set(id, toFailure(error));
    return undefined;
  }
}

/** Of lists that are lacking, what the archive has and they have not stays. Undefined where a damaged file may be the group's. */
async function wholeContent(
  deps: Deps,
  { id }: Group,
  name: string | undefined,
  { content, lacking }: GroupRead,
  short: Map<string, BackupError>,
): Promise<GroupContent | undefined> {
  const [first] = lacking;
  if (first === undefined) return content;
  short.set(id, first);
  const files = await archived(deps);
  // It may have had another name.
  for (const { oid } of [...files].sort((a, b) => Number(b.name === name) - Number(a.name === name))) {
    const held = await archivedJson(deps.repository, oid);
    if (held === undefined) return undefined;
    if (idOf(held) === id) return withArchivedContent(content, held);
  }
  return content;
}

/**
 * Files that no group of the list has: the group has another name now, or is gone. The search may lag behind, and a
 * stranger is shown public groups only, so a file goes only when the account may see all groups and the portal, asked for
 * that very group, says that it does not exist, before and after which it knows who asks.
 */
async function findGone(
  deps: Deps,
  portal: Portal,
  names: ReadonlyMap<string, string>,
  unread: ReadonlySet<string>,
  files: Awaited<ReturnType<typeof archivedFiles>>,
) {
  const found = { gone: [] as string[], warnings: [] as string[], kept: [] as string[] };
  const own = new Set(names.values());
  const others = files.filter(({ name }) => !isPicture(name) && !own.has(name));
  if (others.length === 0) return found;
  await portal.prove();
  const seesAll = lacking(await portal.identity(), ['portal:admin:viewGroups']).length === 0;
  const denied: string[] = [];
  for (const { name, oid } of others) {
    const id = idOf(jsonIn((await deps.repository.blob(oid)).toString()));
    if (id !== undefined && unread.has(id)) continue;
    if (id === undefined || names.has(id)) found.gone.push(name);
    else if (await portal.groupExists(id))
      found.kept.push(`Group ${id} is in no list, but the portal has it: it was kept.`);
    else if (seesAll) denied.push(name);
    else found.warnings.push(`Group ${id} is in no list, but nothing proves that it is gone: it was kept.`);
  }
  if (denied.length > 0) await portal.prove();
  return { ...found, gone: [...found.gone, ...denied] };
}

/** The records of groups that the archive has. */
async function archived(deps: Deps) {
  return (await archivedFiles(deps)).filter(({ name }) => !isPicture(name));
}

async function archivedFiles({ repository }: Deps) {
  const head = await repository.head();
  const tree = head && (await repository.treeAt(head.tree, 'organization/groups'));
  const entries = tree === undefined ? [] : await repository.tree(tree);
  return entries.filter(({ type }) => type === 'blob');
}

/** The id in the file of a group; undefined in a file that is not ours. */
function idOf(held: unknown): string | undefined {
  const { id } = (held ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
