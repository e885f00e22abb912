/** The one owner of the names in the store that git does not know: what is ours, beside the repository, and large files. */

/** A Git LFS object by its SHA-256; git-lfs finds it here when it clones from a directory. */
export const largeName = (sha256: string) => `lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;

/** Everything of ours that is not git's. */
export const ours = 'ago-backup/';

/** What is being written and has no name yet. */
export const allTemporary = `${ours}tmp/`;
export const temporaryName = (random: string) => `${allTemporary}${random}`;

/** What runs stage and list under `<runId>/`, and their records, `<runId>.json`. */
export const allRuns = `${ours}runs/`;

/** What runs changed and left out, item by item, each under its id. */
export const allLists = `${ours}lists/`;

/** Temporary exports in the portal that are to be deleted, each from before its start until it is gone; never swept. */
export const allIntents = `${ours}exports/`;
export const intentName = (name: string) => `${allIntents}${name}.json`;

/** What was fetched of items that take long, each under the item's id, until the item is staged. */
export const allUnfinished = `${ours}unfinished/`;
export const unfinishedName = (itemId: string) => `${allUnfinished}${itemId}`;
/** Rows of a layer that take longer than an activity, a piece of the document each, beside it. */
export const allUnfinishedRows = (itemId: string) => `${unfinishedName(itemId)}.rows-`;
export const unfinishedRowsName = (itemId: string, random: string) => `${allUnfinishedRows(itemId)}${random}`;

/** How far a verification has come that takes several parts, until it is done. */
export const allVerifying = `${ours}verifying/`;
export const verifyingName = (which: string) => `${allVerifying}${which}`;

/** Restores that somebody planned and nobody has started, each under its id. */
export const allPlans = `${ours}plans/`;
export const planName = (restoreId: string) => `${allPlans}${restoreId}.json`;
export const planProgressName = (restoreId: string) => `${allPlans}${restoreId}.progress.json`;

/** What a run needs meanwhile, and what nothing needs afterwards: it lies in the scratch store, where there is one. */
const scratch = [allRuns, allTemporary, allUnfinished, allVerifying, allPlans];

/** Is it a blob of the scratch store? A run's record, beside its folder, is none. */
export function isScratch(name: string): boolean {
  const place = scratch.find((each) => name.startsWith(each));
  return place !== undefined && (place !== allRuns || name.indexOf('/', allRuns.length) !== -1);
}

/** May names that begin so be of the scratch store? */
export function mayHoldScratch(prefix: string): boolean {
  return scratch.some((each) => each.startsWith(prefix) || prefix.startsWith(each));
}

/** What is derived from a member's tree, under the tree's id. */
export const allIndexes = `${ours}index/`;
export const indexName = (tree: string) => `${allIndexes}${tree}.json`;

/** What `doctor` writes to see whether it may; swept with the derived indexes, if it could not delete it. */
export const probeName = (random: string) => `${allIndexes}doctor-${random}`;

/** What commits changed, derived from their trees, in segments that are named after their content. */
export const allHistory = `${ours}history/`;

/** Which packs a merged pack stands for, and since when: they stay a while for clones that are under way. */
export const allRetired = `${ours}retired/`;
export const retiredName = (pack: string) => `${allRetired}${pack}.json`;

/** What became of commits when history was thinned out, each under the commit at which the branch is since; kept. */
export const allFolds = `${ours}folds/`;
export const foldName = (commit: string) => `${allFolds}${commit}.json`;

/** Where the branch was before; as long as it is there, what only those commits name stays. */
export const allReleases = `${ours}letting-go/`;
export const releaseName = (commit: string) => `${allReleases}${commit}`;

/** While it is there nothing of the history goes, whatever BACKUP_KEEP says. */
export const holdName = `${ours}legal-hold`;

/** In the commit of a take-over, and since: in which folder of the old commits each item lay. */
export const takenOverName = 'taken-over.json';

/** Git LFS objects of all commits. */
export const allLarge = 'lfs/objects/';

/** What a repair has replaced, under its own name; what it has replaced once more, in a folder with a number. */
export const allSetAside = `${ours}set-aside/`;
export const setAsideName = (name: string, copy = 0) => `${allSetAside}${copy === 0 ? '' : `${copy}/`}${name}`;

/** What an administrator has accepted as lost, each under what it is about. */
export const allAccepted = `${ours}accepted/`;
export const acceptedName = (object: string) => `${allAccepted}${object}.json`;

/** Warnings that somebody has taken note of, each under its id and the moment, so that a listing tells all; never swept. */
export const allAcknowledged = `${ours}acknowledged/`;
export const acknowledgedName = (id: string, time: number) => `${allAcknowledged}${id}.${time}.json`;

/** What restores planned and did, each in a folder of its own; never swept: it is the audit trail, and by it a restore is taken back. */
export const allRestores = `${ours}restores/`;

/** What restore drills came to, each under the id of the restore that made its copies; never swept. */
export const allDrills = `${ours}drills/`;
export const drillName = (restoreId: string) => `${allDrills}${restoreId}.json`;

/** Which run is under way on this archive, and where. */
export const runningName = `${ours}running.json`;

/** Who copies another archive into this one. */
export const copyingName = `${ours}copying.json`;
