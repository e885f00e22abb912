import { isCode } from '../errors.ts';
import { configName, headName, headText } from '../git/layout.ts';
import { openRepository, type Head } from '../git/repository.ts';
import type { Clock } from '../clock.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { damage, type Finding } from './finding.ts';
import { walkHistory, type Walked } from './history.ts';
import { verifyItems, type Looked, type Share } from './items.ts';
import { verifyPacks, verifyRefs } from './packs.ts';

/** What a verification came to. */
export interface Verdict extends Walked, Looked {
  /** the commit that was verified; null for an archive without one */
  commit: string | null;
  findings: Finding[];
}

/**
 * Reads the archive and changes nothing: packs by their checksums, the whole history object by object, the items of the
 * latest commit against their backup.json, Git LFS objects by length and a share of them by hash.
 * @param share 0..1 of the Git LFS objects; who verifies a part each time rotates it
 */
export async function verify(
  parts: { store: BlobStore; clock: Clock; random: () => string },
  share: Share,
): Promise<Verdict> {
  const { store } = parts;
  const verdict: Verdict = { commit: null, findings: [], commits: 0, trees: 0, files: 0, items: 0, parts: 0, read: 0 };
  const add = async (found: AsyncIterable<Finding>) => {
    for await (const finding of found) verdict.findings.push(finding);
  };
  if ((await store.get(headName))?.bytes.toString() !== headText) {
    verdict.findings.push(
      damage(`${store.address} has no HEAD of an archive.`, `Write the file HEAD with the line "${headText.trim()}".`),
    );
  }
  if ((await store.stat(configName)) === undefined) verdict.findings.push(damage(`${configName} is missing.`));
  const oids = new Set<string>();
  await add(verifyPacks(store, oids));
  const repository = openRepository(store, parts);
  let head: Head | undefined;
  try {
    head = await repository.head();
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    verdict.findings.push(damage(`The branch points nowhere: ${error.message}`));
  }
  if (head === undefined) return verdict;
  verdict.commit = head.commit;
  await add(verifyRefs(store));
  await add(walkHistory(repository, head, oids, verdict));
  try {
    await add(verifyItems(store, repository, head, share, verdict));
  } catch (error) {
    // The history has named the missing folder already.
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
  }
  return verdict;
}

/** The share of a night: so many percent, another part each time, so that all is read in turn. */
export function shareOf(percent: number, now: number): Share {
  if (percent >= 100) return { from: 0, to: 1 };
  const turns = Math.max(1, Math.round(100 / Math.max(percent, 0.1)));
  const turn = Math.floor(now / 86_400_000) % turns;
  return percent <= 0 ? { from: 0, to: 0 } : { from: turn / turns, to: (turn + 1) / turns };
}
