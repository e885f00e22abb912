import { sha256 } from '../archive/sha256.ts';
import { mergeMembers } from '../archive/commit-tree.ts';
import { archiveAttributes, archiveReadme } from '../archive/readme.ts';
import { takenOverName } from '../archive/layout.ts';
import type { Head } from '../archive/repository.ts';
import { readStaged, type Staged } from '../archive/staged-item.ts';
import { canonicalJson } from '../backup/json.ts';
import { isWanted } from '../backup/leave-out.ts';
import { numberOf } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import type { Edit } from '../git/trees.ts';
import type { Deps } from '../run/deps.ts';
import { cleanUp } from '../run/finish/clean-up.ts';
import { chunks } from '../storage/json-blobs.ts';
import { bytesToCarry, carryAll } from './carry-all.ts';
import { bytesOfObjects, copyObjects } from './copy-objects.ts';
import { leavesOf } from './left-out.ts';
import type { OldArchive } from './old-archive.ts';
import { refused } from './refusals.ts';
import { oldTroubles, reportOf, type TakeOverReport } from './report.ts';
import type { Tell } from './tell.ts';
import { listMember, survey, type Fate, type Living } from './survey.ts';

/** What a take-over is to do. */
export interface TakeOverRequest {
  /** only say what would be done */
  dryRun: boolean;
  /** hears what is being done, a sentence at a time */
  say: (text: string) => void;
  /** hears how many bytes are to come over now */
  expect: (bytes: number) => void;
  /** hears how many more have */
  tell: Tell;
}

/**
 * Takes over an archive of SEMCOG/Ago_Backup: its commits become the ancestors of a new one, in which each item that is still what
 * the portal has lies as a run of ours would have saved it. The branch of the new archive moves last, so that an interrupted
 * take-over leaves nothing visible, and the next one goes on. Throws TARGET_TAKEN when the archive has a commit already, and
 * TAKEOVER_REFUSED when no member of the organization is in the old one.
 */
export async function takeOver(deps: Deps, old: OldArchive, request: TakeOverRequest): Promise<TakeOverReport> {
  await refuseTaken(deps);
  const runId = idOf(old);
  const portal = await deps.portal(runId);
  const { list: members, lacking: unlisted } = await portal.members();
  refuseForeign(
    old,
    members.map(({ username }) => username),
  );
  const living: Living[] = [];
  const notices = unlisted ? [`${unlisted.message} Whoever is not listed counts as gone here.`] : [];
  const names = members.map(({ username }) => username).filter((username) => isWanted(username, deps.rules));
  for await (const group of chunks(names, deps.rules.concurrency)) {
    for (const { items, lacking } of await Promise.all(group.map((username) => listMember(portal, username)))) {
      living.push(...items);
      if (lacking)
        notices.push(`${lacking.message} What is not listed counts as deleted here, and the next run fetches it.`);
    }
  }
  request.say(`${numberOf(living.length, 'item')} listed; comparing them with the old archive.`);
  const fates = await survey(portal, old, living, deps.rules.concurrency);
  notices.push(...oldTroubles(old, fates));
  const parts = { to: deps.store.address, old, leaves: await leavesOf(portal, deps.rules, notices), notices };
  if (request.dryRun) return reportOf(fates, { ...parts, commit: null });
  const { commit, failed } = await publish(deps, old, runId, fates, request);
  const ends = fates.map((fate) => failed.get(fate) ?? fate);
  return reportOf(ends, { ...parts, commit });
}

/** The same for whoever takes over the same commit, so that a take-over goes on with what a killed one has staged. */
function idOf({ tip }: OldArchive): string {
  const hex = sha256(Buffer.from(`take over ${tip.oid}`));
  return [0, 8, 12, 16, 20].map((start, n) => hex.slice(start, [8, 12, 16, 20, 32][n])).join('-');
}

async function refuseTaken({ repository, store }: Deps): Promise<void> {
  const found = await repository.inspect();
  if (found !== 'there' || (await repository.head()) === undefined) return;
  throw new BackupError('TARGET_TAKEN', `${store.address} holds an archive already.`, {
    hint: 'Take over into an empty place: name another one with --store, or in BACKUP_STORE.',
  });
}

function refuseForeign({ directories, store }: OldArchive, members: readonly string[]): void {
  const theirs = new Set([...directories.values()].map(({ user }) => user.toLowerCase()));
  if (members.some((name) => theirs.has(name.toLowerCase()))) return;
  const some = [...theirs].slice(0, 5).join(', ');
  throw refused(
    `No member of this organization is in ${store.address}, which has ${some}.`,
    'Check ARCGIS_PORTAL_URL and the account: this is the archive of another organization.',
  );
}

async function publish(
  deps: Deps,
  old: OldArchive,
  runId: string,
  fates: readonly Fate[],
  { say, expect, tell }: TakeOverRequest,
): Promise<{ commit: string; failed: Map<Fate, Fate> }> {
  const { repository, store } = deps;
  await repository.prepare();
  say('Copying the old commits.');
  expect(await bytesOfObjects(old));
  await copyObjects(old, store, tell);
  say('Taking over the files of items.');
  expect(await bytesToCarry(old.objects, fates));
  const { staged, failed } = await carryAll(deps, runId, old.objects, fates, tell);
  const commit = await commitOf(deps, old, fates, staged);
  await deps.lastArchive.write({ address: store.address, commit, runId, at: deps.clock.now() });
  await cleanUp(deps, runId);
  return { commit, failed };
}

/** One commit on top of the old ones, with nothing of their tree. */
async function commitOf(
  deps: Deps,
  old: OldArchive,
  fates: readonly Fate[],
  names: readonly string[],
): Promise<string> {
  const { repository, store } = deps;
  const staged: Staged[] = [];
  for await (const group of chunks(names, 16))
    staged.push(...(await Promise.all(group.map((name) => readStaged(store, name)))));
  const arrived = { staged, failures: [], missing: [], vanished: [], walked: [] };
  const merged = await mergeMembers(deps, undefined, arrived, { removed: new Map(), doubles: new Set() });
  const objects = repository.newObjects();
  const edits: Edit[] = [];
  for (const [path, text] of [
    ['README.md', archiveReadme],
    ['.gitattributes', archiveAttributes],
    [takenOverName, canonicalJson({ format: 1, items: placesOf(fates) })],
  ] as const)
    edits.push({ path, entry: { mode: '100644', oid: await objects.writeBlob(Buffer.from(text)) } });
  edits.push(...merged.edits, ...(await merged.itemTrees(objects, 'news')));
  const now = deps.clock.now();
  const date = new Date(now).toISOString().slice(0, 10);
  return repository.publish({
    base: baseOf(old),
    tree: await repository.applyEdits(objects, undefined, edits),
    message: `Take over ${date}: ${numberOf(staged.length, 'item')} of SEMCOG/Ago_Backup\n`,
    timeMs: now,
    objects,
    staged: merged.news,
  });
}

/** In which folder of the old commits each item lies; not where several share one. */
function placesOf(fates: readonly Fate[]): Record<string, string> {
  const byPath = Map.groupBy(fates, ({ directory }) => directory?.path);
  return Object.fromEntries(
    [...byPath].flatMap(([path, [first, ...others]]) =>
      path === undefined || first === undefined || others.length > 0 ? [] : [[first.living.item.id, path]],
    ),
  );
}

/** The old tip, under a branch that is not there yet. */
function baseOf({ tip }: OldArchive): Head {
  return {
    commit: tip.oid,
    etag: undefined,
    tree: tip.tree,
    message: tip.message,
    parent: tip.parents[0],
    time: tip.time,
  };
}
