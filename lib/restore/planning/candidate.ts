import { isHosted } from '../../backup/formats.ts';
import type { Manifest } from '../../backup/item.ts';
import type { Seen as SeenVersion } from '../../history/version-at.ts';
import { differencesOf } from '../aspects/all.ts';
import type { PlannedTarget } from '../journal/restore.ts';
import { look, type Seen } from '../look.ts';
import type { IdMap } from '../references/id-map.ts';
import { unrewritten, unrewrittenText } from '../references/unrewritten.ts';
import { damagedParts, readVersion, withCategories, type Version } from '../version.ts';
import { noFolder, type Difference, type Home, type PlannedLayer } from '../words.ts';
import { sharingIn } from '../sharing.ts';
import { classOf } from '../plan/class.ts';
import { judge, type Verdict } from '../plan/judge.ts';
import { categoriesThen } from './categories-then.ts';
import { newestSound } from './newest-sound.ts';
import type { Planning } from './planning.ts';
import { rowsThen } from './rows-then.ts';
import { heldOf, nameFor, type Held } from './service-plan.ts';
import { sharingThen } from './sharing-then.ts';

/** One item that a restore was asked for, and what was found of it. */
export interface Candidate {
  version: Version;
  seen: Seen;
  verdict: Verdict;
  target: PlannedTarget;
  /** of a hosted service: what the archive has of it */
  held: Held | undefined;
}

/** One that was compared with its version. */
export interface Compared extends Candidate {
  /** where the living item is not as it will be; of one that is not written in place, none */
  differences: readonly Difference[];
  /** in which of its parts names stay as they are, a sentence each */
  unrewritten: readonly string[];
  /** of a hosted layer whose rows are put back in place */
  layers?: PlannedLayer[];
}

/** Is anything done with it? */
export function isGoing({ verdict }: Candidate): boolean {
  return verdict.blocked === null;
}

/** Looks at a version and at what has become of its item, and judges. Warns of groups that are gone, and of wider sharing. */
export async function lookAt(planning: Planning, { after, commit }: SeenVersion): Promise<Candidate> {
  const { deps, portal, identity, wish, isElsewhere, history } = planning;
  const saved = await readVersion(deps.run, { itemId: after.id, commit: commit.oid, tree: after.tree });
  const { owner: ownerThen } = saved.manifest;
  const seen: Seen = isElsewhere
    ? { state: 'gone', item: undefined }
    : await look(portal, identity, { id: after.id, owner: ownerThen });
  const categories = await categoriesThen(planning, saved, seen.item);
  const version = withCategories(saved, categories);
  const { owner, ownerless } = await ownerOf(planning, seen, ownerThen);
  const damaged = await damagedParts(deps.run, version);
  const service = serviceOfVersion(version);
  const held = await heldOf(deps.run, version);
  const verdict = judge({
    itemId: after.id,
    commit: commit.oid,
    asked: wish.mode,
    state: seen.state,
    classes: {
      anew: classOf(version.record, true, held),
      inPlace: classOf(version.record, false, held),
    },
    damaged,
    sound: damaged.length === 0 ? null : await newestSound(deps.run, history, after.id),
    ownerless: wish.isDrill === true ? null : ownerless,
    isElsewhere,
  });
  const home =
    wish.isDrill === true
      ? { owner: identity.username ?? '', folder: noFolder, folderId: null }
      : homeOf(version.manifest, owner, verdict, deps.run.clock.now());
  const sharing = await sharingThen(planning, version, seen, verdict.mode);
  const isGoing = held !== undefined && verdict.blocked === null;
  const name = isGoing ? await nameFor(planning, version, verdict.mode) : null;
  const modified = seen.item?.modified ?? null;
  const sources = name === null ? [] : (held?.sources ?? []);
  const target = {
    home,
    sharing,
    service,
    name,
    categories,
    id: after.id,
    modified,
    ...(sources.length > 0 && { sources }),
  };
  return { version, seen, verdict, held, target };
}

/** Who gets it, and why nobody does: who had it then, who is named for what nobody can have, who has it now. */
async function ownerOf(
  { wish, ownerRight }: Planning,
  { item }: Seen,
  ownerThen: string,
): Promise<{ owner: string; ownerless: string | null }> {
  // Nobody is given what is theirs already.
  const rightOf = async (name: string) => (item?.owner === name ? 'may' : ownerRight(name));
  const then = await rightOf(ownerThen);
  if (then === 'may') return { owner: ownerThen, ownerless: null };
  const owner = wish.owner ?? item?.owner ?? ownerThen;
  const right = owner === ownerThen ? then : await rightOf(owner);
  const why = {
    may: null,
    gone: `Nobody in the portal is called ${owner}.`,
    'may-not': `The role of ${owner} does not let them own items.`,
  };
  return { owner, ownerless: why[right] };
}

/** The address of the service that a version is; null of one that is none, or only points to one. */
function serviceOfVersion({ record }: Version): string | null {
  const { url, typeKeywords } = record;
  const isHosted = Array.isArray(typeKeywords) && typeKeywords.includes('Hosted Service');
  return isHosted && typeof url === 'string' ? url : null;
}

function homeOf({ folder, folderId }: Manifest, owner: string, { mode }: Verdict, now: number): Home {
  if (mode !== 'beside') return { owner, folder: folder === '' ? noFolder : folder, folderId: folderId ?? null };
  return { owner, folder: `Restored ${new Date(now).toISOString().slice(0, 10)}`, folderId: null };
}

/** Compares a living item that is written in place. @param map what is made anew, by any other id; `coming`: ids of what is not there yet */
export async function compared(
  planning: Planning,
  candidate: Candidate,
  { map, coming }: { map: IdMap; coming: ReadonlySet<string> },
): Promise<Compared> {
  const { deps, portal, isEnterprise } = planning;
  const { version, verdict, seen, target } = candidate;
  const isNaming = verdict.blocked === null && verdict.mode !== 'beside';
  const left = isNaming ? (await unrewritten(deps.run, version, map)).map(unrewrittenText) : [];
  const plain = { ...candidate, differences: [], unrewritten: left };
  if (verdict.blocked !== null || verdict.mode !== 'in-place' || seen.item === undefined) return plain;
  const { home, sharing, id } = target;
  const { clock } = deps.run;
  const { services } = await deps.restorer();
  const around = { archive: deps.run, portal, services, isEnterprise, clock, version };
  const into = { ...around, id, map, home, coming, sharing: sharing === null ? undefined : sharingIn(sharing, map) };
  const { only } = planning;
  const differences = await differencesOf(into, seen.item, only);
  const rows = only.has('rows') && isHosted(seen.item) ? await rowsThen(planning, version, seen.item) : undefined;
  if (rows === undefined) return { ...plain, differences };
  if (rows.blocked !== null) return { ...plain, verdict: { ...verdict, blocked: rows.blocked } };
  return {
    ...plain,
    target: { ...target, edits: rows.edits },
    differences: [...differences, ...rows.differences],
    layers: rows.layers,
  };
}
