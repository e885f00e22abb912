import type { Archive } from '../../archive/archive.ts';
import { isCode, BackupError } from '../../errors.ts';
import type { ServiceDefinition } from '../layers/definition/service-definition.ts';
import { isOfView } from '../layers/definition/service-definition.ts';
import { besideName, serviceNameOf } from '../layers/make-service.ts';
import { savedDefinition } from '../layers/saved-definition.ts';
import { serviceNameIn } from '../../arcgis/layers/service-name.ts';
import type { Holdings } from '../plan/class.ts';
import type { Version } from '../version.ts';
import { isMaking, type Mode } from '../words.ts';
import type { Candidate } from './candidate.ts';
import type { Planning } from './planning.ts';

/** What the archive has of a hosted feature service. */
export interface Held extends Holdings {
  /** ids of the items that a view shows */
  sources: readonly string[];
}

/** What the archive has of a version that is a hosted feature service; what is damaged is told elsewhere. */
export async function heldOf(archive: Archive, version: Version): Promise<Held> {
  const definition = await readable(archive, version);
  const { parts, layers = [] } = version.manifest;
  const isEmpty = layers.length > 0 && layers.every(({ rows }) => rows === 0);
  return {
    isDefined: definition !== undefined && definition.layers.length > 0 && serviceNameOf(version.record) !== undefined,
    isView: definition?.isView === true,
    hasRecipe: definition?.layers.every(({ recipe }) => isOfView(recipe)) === true,
    hasRows: isEmpty || parts.some(({ role }) => role === 'export'),
    sources: definition?.sources.map(({ itemId }) => itemId) ?? [],
  };
}

async function readable(archive: Archive, version: Version): Promise<ServiceDefinition | undefined> {
  try {
    return await savedDefinition(archive, version);
  } catch (error) {
    if (isCode(error, 'RESTORE_DAMAGED', 'STORE_DAMAGED')) return undefined;
    throw error;
  }
}

/**
 * The name of the service that is made of a version: the old one where it is free, for then the address is the old one as well; else one
 * that only this restore has. Warns where the address will be another one.
 */
export async function nameFor(planning: Planning, { itemId, record }: Version, mode: Mode): Promise<string | null> {
  const old = serviceNameOf(record);
  if (old === undefined || !isMaking(mode)) return null;
  const other = besideName(old, planning.mark);
  if (mode === 'beside') return other;
  if (await isFree(planning, old)) return old;
  const message = `The name ${old} is taken${await takenBy(planning, itemId, old)}: it will be ${other}, and have another address.`;
  planning.warnings.push({ code: 'NAME_TAKEN', itemId, message });
  return other;
}

/** Where the portal does not tell, making it will. */
async function isFree({ portal }: Planning, name: string): Promise<boolean> {
  try {
    return await portal.isServiceNameFree(name);
  } catch (error) {
    if (!isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'ITEM_GONE')) throw error;
    return true;
  }
}

/** In a recycle bin a name stays taken (restore.md 0). */
async function takenBy({ portal, wish }: Planning, itemId: string, name: string): Promise<string> {
  const owner = wish.versions.find(({ after }) => after.id === itemId)?.after.owner;
  try {
    const bin = owner === undefined ? [] : await portal.recycleBin(owner);
    const found = bin.find(({ url, name: own }) => (serviceNameIn(url) ?? own)?.toLowerCase() === name.toLowerCase());
    if (found === undefined) return '';
    return ` by ${found.title ?? ''} (${found.id}) in the recycle bin of ${owner ?? ''}; delete that there for good, then plan again, to keep the address`;
  } catch (error) {
    if (!isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'ITEM_GONE')) throw error;
    return '';
  }
}

/** Says of views whose source is neither in the portal nor put back in the same go that nothing can be done; also of views of these. */
export async function refuseSourceless(planning: Planning, found: readonly Candidate[]): Promise<void> {
  for (let isOther = true; isOther;) {
    isOther = false;
    for (const candidate of found) {
      const { verdict, held } = candidate;
      if (verdict.blocked !== null || verdict.mode === 'in-place' || held?.isView !== true) continue;
      const missing = await missingSource(planning, found, held.sources);
      if (missing === undefined) continue;
      const text = `It is a view, and its source ${missing} is neither in the portal nor put back with it.`;
      const error = new BackupError('RESTORE_SOURCE', text);
      candidate.verdict = { ...verdict, blocked: error.toJSON() };
      isOther = true;
    }
  }
}

async function missingSource(
  { portal, isElsewhere }: Planning,
  found: readonly Candidate[],
  sources: readonly string[],
): Promise<string | undefined> {
  for (const id of sources) {
    const own = found.find(({ version }) => version.itemId === id);
    if (own !== undefined && own.verdict.blocked === null && own.verdict.mode !== 'beside') continue;
    if (isElsewhere || (await portal.item(id)) === undefined) return id;
  }
  return undefined;
}
