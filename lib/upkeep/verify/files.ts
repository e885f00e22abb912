import { isBare } from '../../git/config.ts';
import {
  branch,
  configName,
  configText,
  headName,
  headText,
  infoRefs,
  isCommitId,
  withBranch,
} from '../../git/layout.ts';
import { recordedCommits } from '../../archive/runs/run-history.ts';
import { isOnDisk } from '../../storage/address.ts';
import type { Blob, BlobStore } from '../../storage/blob-store.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';
import { findPacks } from './found-packs.ts';

/** The small files that make a folder a repository. */
export async function* verifyFiles(store: BlobStore): AsyncGenerator<Finding> {
  const wrong = (name: string, text: string, found: Blob | undefined) =>
    damage(`${name} is missing or damaged.`, { mend: { do: 'write', name, text, etag: found?.etag ?? null } });
  const head = await store.get(headName);
  if (head === undefined && !(await holdsObjects(store))) {
    const cure = `Check BACKUP_STORE. If it is right: ${lostCure(store)}`;
    yield damage(`${store.address} holds no archive.`, { cure });
    return;
  }
  if (head?.bytes.toString().trim() !== headText.trim()) yield wrong(headName, headText, head);
  const config = await store.get(configName);
  if (config === undefined || !isBare(config.bytes.toString())) yield wrong(configName, configText, config);
}

/** Has any run said that it made one? */
async function hasRecordedCommit(store: BlobStore): Promise<boolean> {
  for await (const commit of recordedCommits(store)) if (commit !== '') return true;
  return false;
}

const lostCure = ({ address }: BlobStore) =>
  isOnDisk(address)
    ? 'Mount the disk that holds the archive, or copy the archive back from a clone.'
    : 'Undelete the container or its blobs, or copy the archive back from a clone.';
const emptyCure =
  'If there should be, check BACKUP_STORE. Else nothing is to do: the first run that saves something makes one.';

async function holdsObjects(store: BlobStore): Promise<boolean> {
  for await (const { name } of store.list('objects/')) if (name !== '') return true;
  return false;
}

/** The branch leads to a commit. @param head what it says */
export async function* verifyBranch(
  store: BlobStore,
  objects: Objects,
  head: string | undefined,
): AsyncGenerator<Finding> {
  const mend = { do: 'branch' } as const;
  if (head === undefined) {
    const { listed, unlisted } = await findPacks(store);
    const isThere = listed.length > 0 || (unlisted.length > 0 && (await hasRecordedCommit(store)));
    if (isThere) yield damage(`${branch} is missing, though there are packs.`, { mend });
    else if (await hasRecordedCommit(store))
      yield damage('The branch and all packs are missing.', { cure: lostCure(store) });
    // Sound would be taken for backed up. Where not even a HEAD is, that was told.
    else if ((await store.stat(headName)) !== undefined)
      yield notice('There is no commit: nothing is backed up here yet.', emptyCure);
  } else if (!isCommitId(head)) yield damage(`The branch points nowhere: ${branch} holds no id of a commit.`, { mend });
  else if ((await objects.commit(head)) === undefined)
    yield damage(`The branch points nowhere: the commit ${head} is missing or damaged.`, { mend });
}

/** What git over plain HTTP reads agrees with the branch. */
export async function* verifyRefs(store: BlobStore): AsyncGenerator<Finding> {
  const commit = (await store.get(branch))?.bytes.toString().trim() ?? '';
  if (!isCommitId(commit)) return;
  const told = await store.get(infoRefs);
  const right = withBranch(told?.bytes.toString() ?? '', commit);
  if (told?.bytes.toString() !== right)
    yield notice(`${infoRefs} does not tell where the branch is.`, 'Nothing to do: the next run puts it right.', {
      do: 'write',
      name: infoRefs,
      text: right,
      etag: told?.etag ?? null,
    });
}
