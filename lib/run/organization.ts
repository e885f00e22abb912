import type { RunStep } from '../backup/messages.ts';
import { groupTexts, membersText, portalText, rolesText } from '../backup/organization.ts';
import { BackupError } from '../errors.ts';
import type { Head, NewObjects } from '../git/repository.ts';
import type { Edit } from '../git/trees.ts';
import { readJson, runBlobs, writeJson } from './blobs.ts';
import type { Parts } from './parts.ts';

/** What saveOrganization leaves for the last step. */
interface Saved {
  /** texts by path below organization/ */
  files: [string, string][];
  /** was the list of groups whole, so that the files of other groups may go? */
  allGroups: boolean;
}

const folder = 'organization';

/**
 * Reads what the organization itself is: description, members, roles, groups with their members and content. A part that
 * cannot be read is a warning, and the archive keeps what it has of it.
 */
export async function saveOrganization(parts: Parts, { runId }: RunStep): Promise<null> {
  const portal = await parts.portal(runId);
  const saved: Saved = { files: [], allGroups: false };
  await attempt(
    parts,
    runId,
    'portal',
    async () => void saved.files.push(['portal.json', portalText(await portal.self())]),
  );
  await attempt(parts, runId, 'members', async () => {
    saved.files.push(['members.json', membersText((await portal.members()).members)]);
  });
  await attempt(
    parts,
    runId,
    'roles',
    async () => void saved.files.push(['roles.json', rolesText(await portal.roles())]),
  );
  await attempt(parts, runId, 'groups', async () => {
    for (const [name, text] of groupTexts(await portal.groups())) saved.files.push([`groups/${name}`, text]);
    saved.allGroups = true;
  });
  await writeJson(parts.store, runBlobs(runId).organization, saved);
  return null;
}

async function attempt(parts: Parts, runId: string, what: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof BackupError) || /^(STORE|AUTH)_/.test(error.code)) throw error;
    await writeJson(
      parts.store,
      runBlobs(runId).warned(`organization-${what}`),
      `${error.code}: ${error.message} The archive keeps what it has.`,
    );
  }
}

/** The changes of `organization/`; none when a run was asked for some items only. */
export async function organizationEdits(
  parts: Parts,
  runId: string,
  base: Head | undefined,
  objects: NewObjects,
): Promise<Edit[]> {
  const saved = await readJson<Saved>(parts.store, runBlobs(runId).organization);
  if (saved === undefined) return [];
  const edits: Edit[] = [];
  if (saved.allGroups) {
    const tree = base && (await parts.repository.treeAt(base.tree, `${folder}/groups`));
    for (const { name } of tree === undefined ? [] : await parts.repository.tree(tree)) {
      edits.push({ path: `${folder}/groups/${name}`, entry: null });
    }
  }
  for (const [name, text] of saved.files) {
    edits.push({
      path: `${folder}/${name}`,
      entry: { mode: '100644', oid: await objects.writeBlob(Buffer.from(text)) },
    });
  }
  return edits;
}
