import type { Archive } from '../../archive/archive.ts';
import { isOfPackage, packageOf } from '../publishing/package.ts';
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
  /** ids of the items that a view shows, or that a service of tiles is published from */
  sources: readonly string[];
}

function isHostedLayer({ record: { type, typeKeywords } }: Version): boolean {
  return type === 'Feature Service' && Array.isArray(typeKeywords) && typeKeywords.includes('Hosted Service');
}

/** What the archive has of a version that is a hosted service; undefined of anything else. */
export async function heldOf(archive: Archive, version: Version): Promise<Held | undefined> {
  if (isHostedLayer(version)) return heldOfLayers(archive, version);
  if (!isOfPackage(version)) return undefined;
  const found = await packageOf(archive, version);
  const held = { isDefined: true, isView: false, hasRecipe: true, hasRows: true };
  return { ...held, isOfPackage: found !== undefined, sources: found === undefined ? [] : [found] };
}

/** What the archive has of a version that is a hosted feature service; what is damaged is told elsewhere. */
async function heldOfLayers(archive: Archive, version: Version): Promise<Held> {
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
  if (await isFree(planning, old, typeof record['type'] === 'string' ? record['type'] : undefined)) return old;
  const message = `The name ${old} is taken${await takenBy(planning, itemId, old)}: it will be ${other}, and have another address.`;
  planning.warnings.push({ code: 'NAME_TAKEN', itemId, message });
  return other;
}

/** Where the portal does not tell, making it will. */
async function isFree({ portal }: Planning, name: string, type: string | undefined): Promise<boolean> {
  try {
    return await portal.isServiceNameFree(name, type);
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

/** Says of views, and of tiles, whose source is neither in the portal nor put back in the same go that nothing can be done; also of views of these. */
export async function refuseSourceless(planning: Planning, found: readonly Candidate[]): Promise<void> {
  for (let isOther = true; isOther;) {
    isOther = false;
    for (const candidate of found) {
      const { verdict, held } = candidate;
      if (verdict.blocked !== null || verdict.mode === 'in-place' || held === undefined) continue;
      if (!held.isView && held.isOfPackage !== true) continue;
      const missing = await missingSource(planning, found, held.sources);
      if (missing === undefined) continue;
      const what = held.isView ? 'It is a view, and its source' : 'It is published from a package, and that,';
      const text = `${what} ${missing}${held.isView ? '' : ','} is neither in the portal nor put back with it.`;
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
