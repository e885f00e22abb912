import type { Archive } from '../archive/archive.ts';
import { baseOf, isPicture, thumbnailOf } from '../backup/group-pictures.ts';
import { BackupError, isCode } from '../errors.ts';
import type { At } from './at.ts';
import { commitAt } from './at.ts';
import type { History, HistoryCommit } from './history.ts';
import { parsed } from './item-files.ts';

/** A group as one commit has it: its record, who was in it, and what was shared with it. */
export interface SavedGroup {
  id: string;
  title: string;
  owner: string;
  /** managers, the owner among them */
  admins: string[];
  members: string[];
  /** ids of what was shared with it */
  items: string[];
  record: Readonly<Record<string, unknown>>;
  /** its picture, by the id of its blob; null: it had none; undefined: the archive does not have it */
  picture: { name: string; oid: string } | null | undefined;
  /** in which it was found */
  commit: string;
}

/** The organization's groups at a commit, by id; without those whose file is damaged. */
export async function groupsAt(
  { repository }: Archive,
  { tree, oid: commit }: HistoryCommit,
): Promise<Map<string, SavedGroup>> {
  const groups = new Map<string, SavedGroup>();
  try {
    const folder = await repository.treeAt(tree, 'organization/groups');
    const entries = folder === undefined ? [] : await repository.tree(folder);
    const pictures = new Map(
      entries.filter(({ name }) => isPicture(name)).map((each) => [baseOf(each.name), each.oid]),
    );
    for (const { name, oid, type } of entries.filter((each) => !isPicture(each.name))) {
      const group = type === 'blob' ? savedGroup(parsed(await repository.blob(oid)), commit) : undefined;
      if (group !== undefined)
        groups.set(group.id, { ...group, picture: pictureOf(group.record, pictures.get(baseOf(name))) });
    }
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
  }
  return groups;
}

function pictureOf(record: SavedGroup['record'], oid: string | undefined): SavedGroup['picture'] {
  const name = thumbnailOf(record);
  if (name === undefined) return null;
  return oid === undefined ? undefined : { name, oid };
}

function savedGroup(value: unknown, commit: string): Omit<SavedGroup, 'picture'> | undefined {
  const record = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { id, title, owner, admins, members, items } = record;
  if (typeof id !== 'string' || typeof title !== 'string') return undefined;
  const names = (list: unknown) => (Array.isArray(list) ? list.filter((each) => typeof each === 'string') : []);
  const by = typeof owner === 'string' ? owner : '';
  return { id, title, owner: by, admins: names(admins), members: names(members), items: names(items), record, commit };
}

/**
 * A group by its id or its title, as it was at AT: `latest` is the last commit that has it, also of one that is deleted. Throws
 * GROUP_UNKNOWN, also when the title is that of several.
 */
export async function findGroupThen(archive: Archive, history: History, text: string, at: At): Promise<SavedGroup> {
  const plain = text.trim().normalize('NFC').toLowerCase();
  const isMeant = ({ id, title }: SavedGroup) => id === plain || title.trim().normalize('NFC').toLowerCase() === plain;
  const isFixed = at.is === 'commit' || at.is === 'time';
  const start = isFixed ? commitAt(history, at) : history.head;
  const from = start === undefined ? -1 : history.commits.indexOf(start);
  let folder: string | undefined;
  for (const commit of from < 0 ? [] : history.commits.slice(from)) {
    const now = await archive.repository.treeAt(commit.tree, 'organization/groups');
    if (now === undefined || now === folder) continue;
    folder = now;
    const found = [...(await groupsAt(archive, commit)).values()].filter(isMeant);
    const [one, ...others] = found;
    if (one !== undefined && others.length === 0) return one;
    if (one !== undefined)
      throw unknown(`${found.length} groups are called so: ${found.map(({ id }) => id).join(', ')}.`, text);
    if (isFixed) break;
  }
  throw unknown('The archive has no such group.', text);
}

function unknown(why: string, text: string): BackupError {
  return new BackupError('GROUP_UNKNOWN', `The group "${text.slice(0, 80)}" cannot be told. ${why}`);
}
