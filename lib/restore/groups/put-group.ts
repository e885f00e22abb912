import { mostMembers } from '../../arcgis/writing/group-writing.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import { BackupError } from '../../errors.ts';
import { needItem, placeOf } from '../aspects/aspect.ts';
import { marksFor } from '../create.ts';
import { progressOf } from '../journal/entries.ts';
import { writeUntil } from '../put-back.ts';
import { step } from '../restore-item.ts';
import { madeAnew, plannedItem, type UnderWay } from '../under-way.ts';
import { outcomeOf } from '../result.ts';
import { readSharing } from '../sharing.ts';
import type { Difference, StepName } from '../words.ts';
import { changesOf, differencesOf, makingForm, readState, type GroupState, type GroupTarget } from './group.ts';

/** ms until one is looked for whose answer was lost: the search may know it late (restore.md 0). */
const pauses = [1000, 2000, 5000, 10_000];
const mostTries = 3;

function targetIn({ journal }: UnderWay, groupId: string): GroupTarget {
  const found = journal.restore.groups[groupId];
  if (found !== undefined) return found;
  throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks group ${groupId}.`);
}

/** Is it a group, and no item? */
export function isGroup({ journal }: Pick<UnderWay, 'journal'>, id: string): boolean {
  return id in journal.restore.groups;
}

/** Makes a group, or saves the one that lives, and fills it: items are shared with it afterwards. */
export async function beginGroup(under: UnderWay, groupId: string): Promise<void> {
  if (!hasStep(under, groupId) || hasStep(under, groupId, 'delete')) return;
  await saveGroup(under, groupId);
  await makeGroup(under, groupId);
  await putParts(under, groupId, ['record', 'members', 'owner']);
}

/** Names in a group what is there now, shares that with it, protects it, and compares; or deletes the one that an undo takes back. */
export async function endGroup(under: UnderWay, groupId: string): Promise<void> {
  const isGoing = hasStep(under, groupId, 'delete');
  if (isGoing) await removeGroup(under, groupId);
  else if (hasStep(under, groupId)) await putParts(under, groupId, ['record', 'members', 'items', 'protection']);
  const differences = isGoing ? [] : await groupDifferences(under, groupId);
  const outcome = outcomeOf(differences);
  await under.journal.write({ kind: 'verified', itemId: groupId, outcome, differences, modified: 0 });
}

function hasStep(under: UnderWay, groupId: string, name?: StepName): boolean {
  return plannedItem(under, groupId).steps.some(({ step: each }) => name === undefined || each === name);
}

/** Writes down what living groups are, before anything is changed of them. Throws RESTORE_GONE. */
async function saveGroup(under: UnderWay, groupId: string): Promise<void> {
  const { journal, restorer } = under;
  const { id } = targetIn(under, groupId);
  if (id === null || journal.standing.groups.has(groupId)) return;
  const group = await readState(restorer.portal, id);
  if (group !== undefined) await journal.write({ kind: 'group-saved', itemId: groupId, group });
}

/** Makes a group that is gone: of the account that restores, with both marks as tags. */
async function makeGroup(under: UnderWay, groupId: string): Promise<void> {
  const { journal } = under;
  if (!hasStep(under, groupId, 'create')) return;
  const mayBeThere = progressOf(journal.standing, groupId).started.has('create');
  await step(under, groupId, 'create', async () => ({ newId: await create(under, groupId, mayBeThere) }));
}

async function create(under: UnderWay, groupId: string, mayBeThere: boolean): Promise<string> {
  const { deps, journal, restorer } = under;
  const marks = marksFor(groupId, journal.restore.mark);
  const known = mayBeThere ? await findMade(under, marks) : undefined;
  if (known !== undefined) return known;
  for (let tries = 1; ; tries++) {
    try {
      return await restorer.groups.create(makingForm(targetIn(under, groupId).record, madeAnew(under), marks));
    } catch (error) {
      // No owner has two groups of one title: one that was made is in the way of its own second.
      if (!isUncertain(error) && !(tries > 1 || mayBeThere)) throw error;
      for (const pause of pauses) {
        await deps.run.clock.sleep(pause);
        const found = await findMade(under, marks);
        if (found !== undefined) return found;
      }
      if (tries >= mostTries || !isUncertain(error)) throw error;
    }
  }
}

async function findMade(
  { restorer, journal }: Pick<UnderWay, 'restorer' | 'journal'>,
  [source = '', own = '']: string[],
) {
  const { organization } = journal.restore.plan.target;
  const found = await restorer.portal.searchGroups(organization, { tag: own });
  return found.find(({ tags }) => Array.isArray(tags) && tags.includes(source))?.id;
}

/** The id of a group that a restore has made, also where it was killed before it heard of it; undefined of one that it has not. */
export async function madeGroup(
  under: Pick<UnderWay, 'restorer' | 'journal'>,
  groupId: string,
): Promise<string | undefined> {
  const { started, newId } = progressOf(under.journal.standing, groupId);
  if (newId !== null) return newId;
  return started.has('create') ? findMade(under, marksFor(groupId, under.journal.restore.mark)) : undefined;
}

/** The id of the group in the portal. */
function idOf(under: UnderWay, groupId: string): string {
  const id = progressOf(under.journal.standing, groupId).newId ?? targetIn(under, groupId).id;
  if (id !== null) return id;
  throw new BackupError('RESTORE_GONE', `Group ${groupId} was not made.`);
}

async function needState(under: UnderWay, groupId: string): Promise<GroupState> {
  const id = idOf(under, groupId);
  const state = await readState(under.restorer.portal, id);
  if (state !== undefined) return state;
  throw new BackupError('RESTORE_GONE', `Group ${id} is not in the portal any more, or not for this account.`);
}

/** What of a group is not as planned. */
async function groupDifferences(under: UnderWay, groupId: string): Promise<Difference[]> {
  return differencesOf(await needState(under, groupId), targetIn(under, groupId), madeAnew(under), under.account);
}

type Part = 'record' | 'members' | 'owner' | 'items' | 'protection';

async function putParts(under: UnderWay, groupId: string, parts: readonly Part[]): Promise<void> {
  const { journal, deps } = under;
  const isMade = progressOf(journal.standing, groupId).newId !== null;
  for (const part of parts.filter((each) => isMade || hasStep(under, groupId, each))) {
    let begun = false;
    const isDone = async () => {
      const found = await groupDifferences(under, groupId);
      return !found.some((each) => each.part === part && each.equivalent !== true);
    };
    const begin = async () => {
      begun = true;
      await journal.write({ kind: 'started', itemId: groupId, step: part });
    };
    await writeUntil({ isDone, write: () => writers[part](under, groupId), begin }, deps.run.clock);
    if (begun) await journal.write({ kind: 'done', itemId: groupId, step: part });
  }
}

async function lookAt(under: UnderWay, groupId: string) {
  const target = targetIn(under, groupId);
  const changes = changesOf(await needState(under, groupId), target, madeAnew(under), under.account);
  return { id: idOf(under, groupId), target, changes, writing: under.restorer.groups };
}

const writers: Record<Part, (under: UnderWay, groupId: string) => Promise<void>> = {
  record: async (under, groupId) => {
    const { id, changes, writing } = await lookAt(under, groupId);
    if (Object.keys(changes.record).length > 0) await writing.update(id, changes.record);
  },
  members: async (under, groupId) => {
    const { id, changes, writing } = await lookAt(under, groupId);
    for (const members of pieces(changes.members)) await writing.addMembers(id, { members, managers: [] });
    for (const managers of pieces(changes.managers)) await writing.addMembers(id, { members: [], managers });
    for (const managers of pieces(changes.promoted)) await writing.setRoles(id, { members: [], managers });
    for (const members of pieces(changes.demoted)) await writing.setRoles(id, { members, managers: [] });
    for (const leaving of pieces(changes.leaving)) await writing.removeMembers(id, leaving);
  },
  owner: async (under, groupId) => {
    const { id, changes, writing } = await lookAt(under, groupId);
    if (changes.owner !== null) await writing.reassign(id, changes.owner);
    const { leaving } = (await lookAt(under, groupId)).changes;
    if (leaving.length > 0) await writing.removeMembers(id, leaving);
  },
  items: async (under, groupId) => {
    const { id, changes } = await lookAt(under, groupId);
    const { portal, writing } = under.restorer;
    for (const itemId of changes.items.add) {
      const item = await needItem({ portal, id: itemId });
      const now = readSharing(await portal.sharing(item));
      // The call states the level anew (restore.md 1.6).
      if (now !== undefined) await writing.share(placeOf(item), { access: now.access, groups: [id] });
    }
    for (const itemId of changes.items.remove)
      await writing.unshare(placeOf(await needItem({ portal, id: itemId })), [id]);
  },
  protection: async (under, groupId) => {
    const { id, changes, writing } = await lookAt(under, groupId);
    if (changes.protection !== null) await writing.protect(id, changes.protection);
  },
};

function pieces(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / mostMembers);
  return Array.from({ length: count }, (_, n) => names.slice(n * mostMembers, (n + 1) * mostMembers));
}

/** Deletes a group that an earlier restore has made; what it has become is written down first. What is gone is gone. */
async function removeGroup(under: UnderWay, groupId: string): Promise<void> {
  const { restorer, journal } = under;
  const { id } = targetIn(under, groupId);
  await step(under, groupId, 'delete', async () => {
    const state = id === null ? undefined : await readState(restorer.portal, id);
    if (id === null || state === undefined) return undefined;
    if (!journal.standing.groups.has(groupId))
      await journal.write({ kind: 'group-saved', itemId: groupId, group: state });
    if (state.record['protected'] === true) await restorer.groups.protect(id, false);
    await restorer.groups.remove(id);
    return undefined;
  });
}
