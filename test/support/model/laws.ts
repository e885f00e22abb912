import assert from 'node:assert/strict';
import { sumsClose } from '../../../lib/backup/reconcile.ts';
import type { Manifest, Part } from '../../../lib/backup/item.ts';
import type { ItemFailure } from '../../../lib/backup/run.ts';
import { assertSameItem, isWanted } from '../archive.ts';
import { itemsOf } from './members.ts';
import type { Night, Past } from './world.ts';

/** What must hold after every run, whatever happened during it. */

/** What a run says when it is not whole; none of these is ever the weather's fault. */
const defects = ['INTERNAL', 'COUNTS_MISMATCH', 'STORE_DAMAGED', 'BRANCH_MOVED', 'RUN_DEAD', 'STORE_NOT_REPOSITORY'];

/** The run says how it ended, its sums close, and history has grown by its commit or not at all. */
export function assertRecord({ request, record, before, after, trouble }: Night): void {
  const why = JSON.stringify(record);
  if (after.commit !== before.commit) assert.equal(after.parent ?? '', before.commit, `history was lost: ${why}`);
  if (record === undefined) return assert.ok(trouble.store, 'the run left no record');
  assert.ok(sumsClose(record), why);
  // Of a member or a list beside an item it is the portal's count that is off.
  const isPortals = ({ itemId, part }: ItemFailure) => itemId === null || part !== undefined;
  const own = record.failures.filter((each) => !isPortals(each) || each.code !== 'COUNTS_MISMATCH');
  const said = [...own, ...(record.error ? [record.error] : [])].map(({ code }) => code);
  if (!trouble.stale) for (const code of said) assert.ok(!defects.includes(code), why);
  const made = after.commit === before.commit ? null : after.commit;
  // What is wrong with members and items costs those; what was asked for by name may have gone.
  const mayFail = trouble.run || trouble.store || (trouble.portal && request.items !== undefined);
  if (!mayFail) assert.match(record.outcome, /^(complete|partial)$/, why);
  // A process that dies between commit and record is reported by the next run.
  if (!trouble.store) assert.equal(record.commit, made, why);
}

/** What exists and was saved is still there; what failed has the version it had. */
export function assertKept({ portal, record, before, after }: Night): void {
  const why = JSON.stringify(record);
  for (const id of before.items.keys()) {
    if (after.items.has(id) || !portal.org.items.has(id)) continue;
    assert.fail(`item ${id} exists and is missing from the archive: ${why}`);
  }
  for (const { itemId, part } of record?.failures ?? []) {
    const kept = itemId === null ? undefined : before.items.get(itemId);
    if (kept === undefined || itemId === null || !portal.org.items.has(itemId)) continue;
    if (part !== undefined) assertGap(after, kept.manifest, part, why);
    else assert.deepEqual(after.items.get(itemId), kept, `item ${itemId} failed and was changed: ${why}`);
  }
  assert.deepEqual([portal.writes(), portal.leaks], [[], []]);
}

/** A part that could not be had is the one that was there; the item says so. */
function assertGap({ items }: Past, before: Manifest, part: string, why: string): void {
  const { manifest } = items.get(before.id) ?? assert.fail(`item ${before.id} has a gap and is lost: ${why}`);
  const gap = manifest.gaps?.find((each) => each.part === part);
  assert.ok(gap, `the gap ${part} of ${before.id} is not named: ${why}`);
  // A new owner's folder has no version before; what is put together from several answers lacks one of them.
  if (manifest.owner !== before.owner || part === 'related.json' || part === 'layers.json') return;
  const isPart = ({ path }: Part) =>
    path === part || (/^(resources|features)$/.test(part) && path.startsWith(`${part}/`));
  const now = manifest.parts.filter(isPart);
  // A list that has an odd entry gives the others; what it has not stays.
  const isList = part === 'resources' && /^(PORTAL_ANSWER|COUNTS_MISMATCH|LISTING_INCOMPLETE)$/.test(gap.code);
  for (const { path } of isList ? before.parts.filter(isPart) : [])
    assert.ok(
      now.some((each) => each.path === path),
      `${path} of ${before.id} is gone: ${why}`,
    );
  if (isList) return;
  assert.deepEqual(now, before.parts.filter(isPart), `${part} of ${before.id}: ${why}`);
}

/** After an undisturbed run of everything, the archive is what the portal holds. */
export async function assertComplete({ portal, record, before, after }: Night): Promise<void> {
  const why = JSON.stringify(record);
  assert.equal(record?.outcome, 'complete', why);
  const wanted = itemsOf(portal.org).filter(isWanted);
  for (const { record: item } of wanted) {
    assert.ok(after.items.has(item.id), `item ${item.id} was not saved: ${why}`);
    await assertInPlace(after, portal, item.id);
  }
  const ids = new Set(wanted.map(({ record: item }) => item.id));
  for (const [id, held] of after.items) {
    if (ids.has(id)) continue;
    assert.ok(portal.org.items.has(id), `item ${id} is gone and still there: ${why}`);
    assert.deepEqual(held, before.items.get(id), `item ${id} is left out and was changed`);
  }
  assert.deepEqual(portal.leftovers(), []);
  await assertOrganization(after, portal);
}

/** After an undisturbed run of some items or members, those are what the portal holds, and all others are what they were. */
export async function assertQuietElsewhere({ portal, request, record, before, after }: Night): Promise<void> {
  assert.equal(record?.outcome, 'complete', JSON.stringify(record));
  const isAsked = (id: string, owner: string) =>
    request.items?.includes(id) === true || request.users?.includes(owner) === true;
  for (const item of itemsOf(portal.org)) {
    const { id, owner } = item.record;
    if (isAsked(id, owner) && isWanted(item)) await assertInPlace(after, portal, id);
  }
  for (const [id, held] of before.items) {
    const owner = portal.org.items.get(id)?.record.owner ?? held.manifest.owner;
    if (!isAsked(id, owner)) assert.deepEqual(after.items.get(id), held, `item ${id} was not asked for`);
  }
}

/** The item byte for byte, under its member, folder, type and title. */
async function assertInPlace(archive: Past, portal: Night['portal'], id: string): Promise<void> {
  await assertSameItem(archive, portal, portal.org.item(id));
  const { owner, ownerFolder, title, type } = portal.org.item(id).record;
  const { manifest, path } = archive.items.get(id) ?? assert.fail(id);
  const folder = portal.org.folders.get(owner)?.find((each) => each.id === ownerFolder)?.title ?? 'None';
  assert.deepEqual(
    [manifest.owner, manifest.folderId, manifest.folder, manifest.type, manifest.title],
    [owner, ownerFolder, folder, type, title],
  );
  const place = path.split('/').map((part) => part.replace(/ \([0-9a-f]{8}\)$/, ''));
  assert.deepEqual(place, ['content', owner, folder.replace(':', '-'), type, title]);
}

/** Members and groups are those of the portal. */
async function assertOrganization(archive: Past, { org }: Night['portal']): Promise<void> {
  const members = JSON.parse((await archive.read('organization/members.json')).toString()) as { username: string }[];
  assert.deepEqual(members.map(({ username }) => username).sort(), [...org.accounts.keys()].sort());
}
