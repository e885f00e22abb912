import { hashObject } from '../../git/pack/pack-entry.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { baseOf, isPicture, pictureName, thumbnailOf } from '../../backup/group-pictures.ts';
import { numberOf } from '../../backup/words.ts';
import type { Group } from '../../backup/organization.ts';
import { isCode, toFailure, type Failure } from '../../errors.ts';
import type { Deps } from '../deps.ts';

/** What becomes of the pictures in `organization/groups/`. */
export interface GroupPictures {
  /** by file name */
  bytes: Map<string, Buffer>;
  /** names of files of groups that have none any more */
  gone: string[];
  /** names of records that stay as the archive has them, beside their pictures, so that the next run asks for these again */
  heldBack: string[];
  /** what a reader should know, a sentence each; and of what was not read this time */
  warnings: string[];
  kept: string[];
}

/** Records of groups that were read, by the name of their file. */
export type ReadGroups = ReadonlyMap<string, { group: Group; text: string }>;

/** A portal takes no larger ones; and all that one run takes. In bytes. */
const mostBytes = 10 * 1024 * 1024;
const mostOfRun = 64 * 1024 * 1024;

/**
 * Reads the pictures of groups, one after the other: of those that are new or whose record says that they were changed, so a group
 * that did not change costs no request. What cannot be read keeps the picture that the archive has.
 * @param archived ids of the files that the archive has, by name
 * @param left names of records that the archive loses
 */
export async function readPictures(
  deps: Deps,
  portal: Portal,
  read: ReadGroups,
  { archived, left }: { archived: ReadonlyMap<string, string>; left: ReadonlySet<string> },
): Promise<GroupPictures> {
  const found: GroupPictures = { bytes: new Map(), gone: [], heldBack: [], warnings: [], kept: [] };
  const failures: Failure[] = [];
  const wanted = new Set<string>();
  let size = 0;
  let later = 0;
  for (const [name, { group, text }] of read) {
    const thumbnail = thumbnailOf(group);
    if (thumbnail === undefined) continue;
    const picture = pictureName(name, thumbnail);
    wanted.add(picture);
    if (archived.has(picture) && (await isAsBefore(deps, archived.get(name), group, text))) continue;
    const bytes = size < mostOfRun ? await fetched(portal, group.id, thumbnail, failures) : 'later';
    if (bytes === undefined) wanted.delete(picture);
    else if (typeof bytes !== 'string') {
      found.bytes.set(picture, bytes);
      size += bytes.length;
    } else if (bytes === 'later') {
      later += 1;
      if (archived.has(picture)) found.heldBack.push(name);
    }
  }
  for (const picture of [...archived.keys()].filter(isPicture)) {
    const record = `${baseOf(picture)}.json`;
    const isLeft = left.has(record) || !(read.has(record) || archived.has(record));
    if (isLeft || (read.has(record) && !wanted.has(picture))) found.gone.push(picture);
  }
  return told(found, later, failures);
}

/** Has the group changed since the archive got its picture? */
async function isAsBefore(deps: Deps, oid: string | undefined, group: Group, text: string): Promise<boolean> {
  if (oid === undefined) return false;
  if (oid === hashObject('blob', Buffer.from(text))) return true;
  const before = (await archivedJson(deps.repository, oid)) as Partial<Group> | null | undefined;
  const same = (field: string) => before?.[field] === group[field];
  return same('id') && same('thumbnail') && same('modified');
}

/** Undefined where there is none; `refused` for good, or `later` where the next run is to try again. */
async function fetched(
  portal: Portal,
  id: string,
  thumbnail: string,
  failures: Failure[],
): Promise<Buffer | undefined | 'refused' | 'later'> {
  try {
    return await portal.groupPicture(id, thumbnail, mostBytes);
  } catch (error) {
    const failure = toFailure(error);
    failures.push(failure);
    if (isCode(error, 'PORTAL_REFUSED', 'ITEM_DAMAGED')) return 'refused';
    return 'later';
  }
}

function told(found: GroupPictures, later: number, [first, ...others]: readonly Failure[]): GroupPictures {
  if (first === undefined && later > 0)
    found.kept.push(`${numberOf(later, 'picture')} of groups come with the next run.`);
  if (first !== undefined) {
    const sentence = `${numberOf(1 + others.length, 'picture')} of groups could not be read (${first.code}: ${first.message}): the archive keeps what it has of them.`;
    (later > 0 ? found.kept : found.warnings).push(sentence);
  }
  return found;
}
