import type { Sharing } from '../../arcgis/writing/writing.ts';
import type { Seen } from '../look.ts';
import { levelled, notWider, readSharing, widerBy } from '../sharing.ts';
import type { Version } from '../version.ts';
import type { Mode } from '../words.ts';
import type { Planning } from './planning.ts';

/** With whom an item is shared in the end; null = nothing is done about it. */
export async function sharingThen(
  planning: Planning,
  { itemId, sharing }: Version,
  { item, state }: Seen,
  mode: Mode,
): Promise<Sharing | null> {
  // A second one of something that is public is nobody's wish but that of who asks for it.
  if (mode === 'beside' || (mode === 'new' && state === 'live')) return { access: 'private', groups: [] };
  if (sharing === undefined) return null;
  const wanted = levelled({ access: sharing.access, groups: await groupsLeft(planning, itemId, sharing.groups) });
  const now = item === undefined ? undefined : readSharing(await planning.portal.sharing(item));
  return now === undefined ? wanted : asWideAsWished(planning, itemId, now, wanted);
}

async function groupsLeft({ portal, warnings, groups: restored }: Planning, itemId: string, groups: readonly string[]) {
  const left: string[] = [];
  for (const group of groups) {
    const seen = restored.get(group);
    if (seen?.blocked === null) left.push(seen.id ?? group);
    else if (await portal.groupExists(group)) left.push(group);
    else
      warnings.push({ code: 'GROUP_GONE', itemId, message: `It was shared with the group ${group}, which is gone.` });
  }
  return left;
}

function asWideAsWished(planning: Planning, itemId: string, living: Sharing, wanted: Sharing): Sharing {
  const { wish, warnings, groups } = planning;
  // What is shared with a group that is made anew was asked for with it.
  const anew = wanted.groups.filter((id) => groups.get(id)?.state === 'gone');
  const now = { ...living, groups: [...living.groups, ...anew] };
  const wider = widerBy(now, wanted);
  if (!wider.access && wider.groups.length === 0) return wanted;
  const whom = [...(wider.access ? [wanted.access] : []), ...wider.groups.map((id) => `group ${id}`)].join(', ');
  const isWished = wish.widenSharing === true;
  const message = isWished
    ? `It will be open to whom it is closed now: ${whom}.`
    : `It was open to whom it is closed now (${whom}); that is left as it is without --widen-sharing.`;
  warnings.push({ code: 'SHARED_WIDER', itemId, message });
  return isWished ? wanted : notWider(now, wanted);
}
