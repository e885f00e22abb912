import type { Merged } from '../../archive/commit-tree.ts';
import { writeIndex } from '../../archive/member-index.ts';
import { archiveAttributes, archiveReadme } from '../../archive/readme.ts';
import type { Head } from '../../archive/repository.ts';
import { readRecord, refuseEnded } from '../../archive/runs/run-record.ts';
import { commitMessage } from '../../backup/report.ts';
import { isWhole, type RunRecord, type RunRequest, type RunStep } from '../../backup/run.ts';
import { BackupError, isCode, type Failure } from '../../errors.ts';
import type { Edit } from '../../git/trees.ts';
import type { Deps } from '../deps.ts';
import { organizationEdits } from '../organization/save-organization.ts';
import { cleanUp } from './clean-up.ts';
import type { Results } from './collect-results.ts';

/** What a run has come to, before it is published. */
export interface Publication {
  base: Head | undefined;
  record: RunRecord;
  gathered: Results;
  merged: Merged;
}

/**
 * The new commit, or null when the tree is the one that is there already. Items that were asked for by name and with force
 * are packed again where the archive holds them damaged: that mends it, also without a commit. A run whose commit has a subject of its
 * own gets one in any case: it says what there was when it ended, and stays as long as somebody may want that.
 */
export async function publishRun(
  deps: Deps,
  input: RunStep & { request: RunRequest; ended?: Failure; subject?: string },
  { base, record, gathered, merged }: Publication,
): Promise<string | null> {
  const { repository } = deps;
  const mends = input.request.force === true && !isWhole(input.request);
  const objects = repository.newObjects();
  const edits: Edit[] = [...merged.edits];
  for (const [path, text] of [
    ['README.md', archiveReadme],
    ['.gitattributes', archiveAttributes],
  ] as const) {
    if (base !== undefined && (await repository.treeAt(base.tree, path)) !== undefined) continue;
    edits.push({ path, entry: { mode: '100644', oid: await objects.writeBlob(Buffer.from(text)) } });
  }
  const itemEdits = await merged.itemTrees(objects, mends ? 'all' : 'news');
  edits.push(...(await organizationEdits(deps, input.runId, base, objects)));
  const tree = await repository.applyEdits(objects, base?.tree, [...edits, ...itemEdits]);
  const staged = mends ? gathered.staged.map(({ name }) => name) : merged.news;
  const isSame = tree === base?.tree;
  if (isSame && mends) await repository.mend(objects, staged);
  if (isSame && input.subject === undefined) return null;
  if (input.ended === undefined) await proveRights(deps, input.runId);
  for (const change of merged.members) {
    const memberTree = await repository.treeAt(tree, change.path, objects);
    if (memberTree !== undefined) await writeIndex(deps, memberTree, Object.values(change.items));
  }
  const date = new Date(input.started).toISOString().slice(0, 10);
  return repository.publish({
    base,
    tree,
    message: commitMessage(record, [...merged.lines], date, input.subject),
    timeMs: input.started,
    ...(isSame ? { objects: repository.newObjects(), staged: [] } : { objects, staged }),
    // Packing takes minutes, and meanwhile the run may have been ended or declared dead.
    confirm: async () => refuseEnded(await readRecord(deps.store, input.runId)),
  });
}

/**
 * To an account that lost its rights in the middle of the run the portal showed less than there is, without a word: groups,
 * private files. None of it may be published, nor taken over by the next run. Throws AUTH_PRIVILEGE, AUTH_ANONYMOUS.
 */
async function proveRights(deps: Deps, runId: string): Promise<void> {
  try {
    await (await deps.portal(runId)).prove();
  } catch (error) {
    // A portal that does not answer now has answered for every item; nothing says that it showed less than there is.
    if (isCode(error, 'AUTH_PRIVILEGE', 'AUTH_ANONYMOUS')) await refuseHidden(deps, runId, error);
  }
}

/** What was staged in the dark goes, and nothing is published. Throws the failure. */
export async function refuseHidden(
  deps: Deps,
  runId: string,
  { code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>,
): Promise<never> {
  await cleanUp(deps, runId);
  throw new BackupError(code, message, { hint });
}
