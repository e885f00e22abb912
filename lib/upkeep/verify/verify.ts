import { readBranch } from '../../git/branch.ts';
import { isBare } from '../../git/config.ts';
import { branch, configName, configText, headName, headText, isCommitId } from '../../git/layout.ts';
import { recordedCommits } from '../../archive/runs/run-history.ts';
import { isOnDisk } from '../../storage/address.ts';
import type { Blob, BlobStore } from '../../storage/blob-store.ts';
import { readAcceptances } from '../../archive/acceptance.ts';
import { findOutlived, verifyAcceptances, weigh } from './accepted.ts';
import { damage, isDamaged, notice, type Accepted, type Finding } from './finding.ts';
import { walkHistory, type Walked } from './history.ts';
import { verifyHistoryIndex } from './history-index.ts';
import { verifyItems, type Looked } from './items.ts';
import { verifyLarge, type LargeRead, type Share } from './large.ts';
import { Objects } from './objects.ts';
import { findPacks, verifyPacks, verifyRefs } from './packs.ts';
import { verifyRecords } from './records.ts';

/** What a verification came to. */
export interface Verdict
  extends Pick<Walked, 'commits' | 'trees' | 'files'>, Pick<Looked, 'items' | 'parts'>, LargeRead {
  /** the commit that was verified; null for an archive without one */
  commit: string | null;
  /** at most 1,000; `more` counts those beyond */
  findings: Finding[];
  more: number;
  /** damage that an administrator has accepted: it stays in every report, and counts no more */
  accepted: Accepted[];
}

/** A store that lost all its packs has a finding for each object of it; nobody reads more than these. */
const mostFindings = 1000;

/**
 * Reads the archive and changes nothing: every object of every pack, the whole history from the branch, the items of the
 * latest commit against their backup.json, Git LFS objects by length and a share of them by hash. Safe beside a run.
 * Throws STORE_… when the store does not answer.
 * @param share of the Git LFS objects; who verifies a part each time rotates it
 */
export async function verify(store: BlobStore, share: Share): Promise<Verdict> {
  const walked: Walked = { commits: 0, trees: 0, files: 0, named: new Map() };
  const looked: Looked = { items: 0, parts: 0, current: new Map(), gaps: new Map() };
  const large: LargeRead = { read: 0, readBytes: 0, orphans: { count: 0, bytes: 0 } };
  const findings: Finding[] = [];
  const accepted: Accepted[] = [];
  let more = 0;
  const acceptances = await readAcceptances(store);
  const add = async (found: AsyncIterable<Finding> | Iterable<Finding>) => {
    for await (const each of found) {
      const finding = weigh(acceptances, each);
      // Apart from what counts, so that many of them cannot crowd out new damage.
      if ('since' in finding) accepted.push(finding);
      else if (findings.length < mostFindings) findings.push(finding);
      else more += 1;
    }
  };
  await add(verifyAcceptances(acceptances));
  await add(verifyFiles(store));
  await add(verifyRecords(store));
  // Before the packs: whatever the branch leads to is listed by then.
  const told = (await readBranch(store))?.commit;
  const head = told !== undefined && isCommitId(told) ? told : undefined;
  const objects = new Objects(store);
  await add(verifyPacks(store, objects));
  await add(verifyRefs(store));
  await add(verifyBranch(store, objects, told));
  const root = head === undefined ? undefined : (await objects.commit(head))?.tree;
  if (head !== undefined && root !== undefined) {
    await add(walkHistory(objects, head, walked));
    await add(verifyItems(store, objects, root, looked));
    await add(verifyHistoryIndex(store));
    await add(verifyLarge(store, walked.named, looked.current, share, large));
  }
  // Damage may hide what is accepted.
  if (walked.commits > 0 && !isDamaged(findings) && more === 0) {
    const met = new Set(accepted.flatMap(({ loss }) => loss?.object ?? []));
    await add(findOutlived(acceptances, { met, gaps: looked.gaps }, share));
  }
  const { commits, trees, files } = walked;
  const { items, parts } = looked;
  const commit = root === undefined ? null : (head ?? null);
  return { commit, commits, trees, files, items, parts, ...large, findings, more, accepted };
}

/** The small files that make a folder a repository. */
async function* verifyFiles(store: BlobStore): AsyncGenerator<Finding> {
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

async function* verifyBranch(store: BlobStore, objects: Objects, head: string | undefined): AsyncGenerator<Finding> {
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
