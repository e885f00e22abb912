import { mostMembers } from '../../arcgis/writing/group-writing.ts';
import { needItem, placeOf } from '../aspects/aspect.ts';
import { progressOf } from '../journal/entries.ts';
import { writeUntil } from '../put-back.ts';
import { readSharing } from '../sharing.ts';
import { madeAnew, type UnderWay } from '../under-way.ts';
import { groupDifferences, hasStep, idOf, needState, targetIn } from './group-under-way.ts';
import { changesOf } from './group.ts';
import { type Picture } from './picture.ts';

/** What of a group is put back in a step of its own. */
export type Part = 'record' | 'thumbnail' | 'members' | 'owner' | 'items' | 'protection';

/** Makes these parts of a group what they are to be. */
export async function putParts(under: UnderWay, groupId: string, parts: readonly Part[]): Promise<void> {
  const { journal, deps } = under;
  const isMade = progressOf(journal.standing, groupId).newId !== null;
  for (const part of parts.filter((each) => isMade || hasStep(under, groupId, each))) {
    let begun = false;
    const isDone = async () => {
      const found = await groupDifferences(under, groupId, part === 'thumbnail');
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
  thumbnail: async (under, groupId) => {
    const { restorer } = under;
    const target = targetIn(under, groupId);
    const state = await needState(under, groupId, true);
    const { picture } = changesOf(state, target, madeAnew(under), under.account);
    if (picture === 'remove') await restorer.groups.removePicture(idOf(under, groupId));
    if (picture === 'put' && target.picture)
      await restorer.groups.setPicture(idOf(under, groupId), fileOf(target.picture));
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

function fileOf({ name, base64 }: Picture): File {
  return new File([new Uint8Array(Buffer.from(base64, 'base64'))], name.split('/').at(-1) ?? 'thumbnail.png');
}

function pieces(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / mostMembers);
  return Array.from({ length: count }, (_, n) => names.slice(n * mostMembers, (n + 1) * mostMembers));
}
