import { isNone, isRefusal } from '../../arcgis/connection/portal-error.ts';
import type { Listed } from '../../arcgis/connection/list-all.ts';
import type { OwnRole } from '../../arcgis/organization/organization.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { Redactor } from '../../arcgis/connection/redactor.ts';
import type { RunStep } from '../../backup/run.ts';
import { categoriesText, portalText, rolesText, withArchived } from '../../backup/organization.ts';
import { endsRun, toFailure, type Failure } from '../../errors.ts';
import { hashObject } from '../../git/pack/pack-entry.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import type { Head, NewObjects } from '../../archive/repository.ts';
import type { Edit } from '../../git/trees.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { readJson, writeFirst, writeJson } from '../../storage/json-blobs.ts';
import { readGroupFiles } from './group-files.ts';
import type { Deps } from '../deps.ts';

/** What saveOrganization leaves for the last step; paths are below organization/. */
interface Saved {
  files: [path: string, text: string][];
  /** files that are no text, in base64; older runs have none */
  pictures?: [path: string, base64: string][];
  /** files of groups that are no more */
  gone: string[];
  /** what a reader should know, a sentence each, by what it is about */
  warned: Record<string, string>;
  /** the same of what could not be read this time, so that the archive keeps what it has */
  kept: Record<string, string>;
}

const folder = 'organization';

/** saveOrganization's input. */
export interface OrganizationStep extends RunStep {
  /** does an item that is fetched bear a category? Then the schema of these is asked for */
  categorized?: boolean;
}

/**
 * Reads what the organization itself is: description, members (beginRun has listed them), roles, groups with their members
 * and content. That takes three requests, and two for each group, one more for the picture of each that is new or changed, and one more for each further hundred of roles, groups or
 * items of a group; and one for the schema of categories, in a run that fetches an item with some. Of several executions the first counts, with all it has to say. A part that cannot be read is a warning, and the archive keeps what it has of it; unless the portal
 * refuses it for good the run is partial. Throws what ends the run.
 */
export async function saveOrganization(deps: Deps, { runId, categorized }: OrganizationStep): Promise<null> {
  const saved: Saved = { files: [], gone: [], warned: {}, kept: {} };
  const put = (path: string, text: string | undefined) => void (text !== undefined && saved.files.push([path, text]));
  const part = <T>(what: string, read: (portal: Portal) => Promise<T>) => attempt(deps, runId, saved, what, read);

  put('members.json', await readJson<string>(deps.store, runBlobs(runId).membersText));
  let redactor: Redactor | undefined;
  const self = await part('portal', (portal) => ((redactor = portal.redactor), portal.self()));
  put('portal.json', self && portalText(self));
  put('roles.json', await part('roles', async (portal) => readRolesText(deps, await portal.roles(), saved)));
  const categories = categorized ? await part('categories', (portal) => readCategoriesText(deps, portal)) : undefined;
  put('categories.json', categories);
  const groups = self && (await part('groups', (portal) => readGroupFiles(deps, portal, self.id)));
  if (groups) {
    for (const [name, text] of groups.texts) put(`groups/${name}`, text);
    saved.pictures = [...groups.pictures].map(([name, bytes]) => [`groups/${name}`, bytes.toString('base64')]);
    saved.gone = groups.gone.map((name) => `groups/${name}`);
    if (groups.warnings.length > 0) saved.warned['groups'] = groups.warnings.join(' ');
    if (groups.kept.length > 0) saved.kept['groups'] = groups.kept.join(' ');
  }
  const marked = saved.files.filter(([, text]) => redactor?.isMarked(Buffer.from(text))).map(([path]) => path);
  if (marked.length > 0) {
    const sentence = `A token of the backup's own session stood in ${folder}/${marked.join(', ')}; a mark took its place.`;
    saved.warned['marked'] = sentence.slice(0, 2000);
  }
  await report(deps, runId, await writeFirst(deps.store, runBlobs(runId).organization, saved));
  return null;
}

/** Of a list that is lacking, what the archive has and the list has not stays. */
async function readRolesText({ repository }: Deps, { list, lacking }: Listed<OwnRole>, { kept }: Saved) {
  if (lacking === undefined) return rolesText(list);
  const head = await repository.head();
  const oid = head && (await repository.treeAt(head.tree, `${folder}/roles.json`));
  const archived = oid === undefined ? [] : await archivedJson(repository, oid);
  kept['roles'] = `${lacking.code}: ${lacking.message} The archive keeps what it has besides.`;
  return archived === undefined ? undefined : rolesText(withArchived(list, archived, 'id'));
}

/** An organization without a schema gets no file; one that had a schema gets an empty one. */
async function readCategoriesText({ repository }: Deps, portal: Portal): Promise<string | undefined> {
  const schema = await portal.categories();
  if (schema === undefined || schema.length > 0) return schema && categoriesText(schema);
  const head = await repository.head();
  const held = head && (await repository.treeAt(head.tree, `${folder}/categories.json`));
  return held === undefined ? undefined : categoriesText(schema);
}

/** What a reader is told is what the execution that counts has found. */
async function report({ store }: Deps, runId: string, { warned, kept }: Saved): Promise<void> {
  const blobs = runBlobs(runId);
  for (const [what, text] of Object.entries(warned)) await writeJson(store, blobs.warned(`${folder}-${what}`), text);
  for (const [what, text] of Object.entries(kept)) await writeJson(store, blobs.kept(`${folder}-${what}`), text);
}

async function attempt<T>(
  deps: Deps,
  runId: string,
  saved: Saved,
  what: string,
  read: (portal: Portal) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read(await deps.portal(runId));
  } catch (error) {
    const { failure, refused } = await judge(deps, runId, what, error);
    const { code, message } = failure;
    const told = refused ? saved.warned : saved.kept;
    told[what] = `${code}: ${message} The archive keeps what it has.`;
    return undefined;
  }
}

/**
 * Is what failed something that this account may not see, or this portal does not have, which no other night will change?
 * A portal without a description is none. It refuses strangers in the same words, so it must still know us. Throws what ends
 * the run.
 */
async function judge(
  deps: Deps,
  runId: string,
  what: string,
  error: unknown,
): Promise<{ failure: Failure; refused: boolean }> {
  const failure = toFailure(error);
  if (endsRun(failure)) {
    // The description and the groups may be those that strangers see, and everything else be ours.
    if (!failure.code.startsWith('AUTH_')) throw error as Error;
    await (await deps.portal(runId)).identity();
  }
  if (!isRefusal(error) && (what === 'portal' || !isNone(error))) return { failure, refused: false };
  try {
    await (await deps.portal(runId)).prove();
    return { failure, refused: true };
  } catch (second) {
    return { failure: toFailure(second), refused: false };
  }
}

/** The changes of `organization/`; none when a run was asked for some items only, or when nothing changed. */
export async function organizationEdits(
  deps: Deps,
  runId: string,
  base: Head | undefined,
  objects: NewObjects,
): Promise<Edit[]> {
  const saved = await readJson<Saved>(deps.store, runBlobs(runId).organization);
  if (saved === undefined) return [];
  const before = await filesOf(deps, base);
  const edits: Edit[] = saved.gone
    .filter((path) => before.has(path))
    .map((path) => ({ path: `${folder}/${path}`, entry: null }));
  const pictures = (saved.pictures ?? []).map(([path, base64]) => [path, Buffer.from(base64, 'base64')] as const);
  for (const [path, bytes] of [...saved.files.map(([path, text]) => [path, Buffer.from(text)] as const), ...pictures]) {
    // All new objects go into the pack, also those that the archive has.
    if (before.get(path) === hashObject('blob', bytes)) continue;
    edits.push({ path: `${folder}/${path}`, entry: { mode: '100644', oid: await objects.writeBlob(bytes) } });
  }
  return edits;
}

/** The object id of each file below organization/, by path. */
async function filesOf({ repository }: Deps, base: Head | undefined): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const below of ['', 'groups/']) {
    const tree = base && (await repository.treeAt(base.tree, `${folder}/${below}`.slice(0, -1)));
    for (const { name, oid } of tree === undefined ? [] : await repository.tree(tree)) files.set(below + name, oid);
  }
  return files;
}
