import { serviceNameIn } from '../../arcgis/layers/service-name.ts';
import { isRefusal } from '../../arcgis/connection/portal-error.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError, isCode } from '../../errors.ts';
import { needItem, placeOf } from '../aspects/aspect.ts';
import { marksFor, type Making } from '../create.ts';
import type { Made } from '../journal/entries.ts';
import { makeOnce } from '../lost-answer.ts';
import { define } from './define.ts';
import { pairsOf } from './definition/pairs.ts';
import { createParameters } from './definition/new-service.ts';
import type { ServiceDefinition } from './definition/service-definition.ts';
import { descriptionMark, findService, named } from './find-service.ts';
import { savedDefinition } from './saved-definition.ts';
import { guardSources, sourcesFor } from './sources.ts';

/** What making a service needs besides. */
export interface ServiceMaking extends Making {
  /** the name that it is to have */
  name: string;
  isEnterprise: boolean;
  /** when the restore began, epoch ms */
  since: number;
}

/** ms until one is looked for that does not show yet. */
const pauses = [1000, 2000, 5000];

/**
 * Makes a hosted feature service with its layers, and without rows: private, of the account that restores, with both marks. What a lost
 * answer may have made is found again. Throws RESTORE_REFUSED, RESTORE_CLASS, PORTAL_….
 */
export async function makeService(making: ServiceMaking): Promise<Made> {
  const { target, restorer, isEnterprise } = making;
  const saved = await savedDefinition(target.archive, target.version);
  if (saved === undefined)
    throw new BackupError('RESTORE_CLASS', `The archive has no definition of ${target.version.itemId}.`);
  const id = await makeEmpty(making, saved);
  const item = await markMade(making, id);
  const { portal, services } = restorer;
  const { clock } = target;
  const sources = await sourcesFor(saved, target);
  const defining = { portal, services, clock, item, saved, isEnterprise, sources };
  const living = saved.isView
    ? await guardSources(saved, target, restorer, () => define(defining))
    : await define(defining);
  const layers = movedLayers(saved, living);
  return { newId: id, ...(item.url !== null && { url: item.url }), ...(layers.length > 0 && { layers }) };
}

/** The id of the empty service, made now or before. */
async function makeEmpty(making: ServiceMaking, saved: ServiceDefinition): Promise<string> {
  const { name, mark, mayBeThere, since } = making;
  // A name that was free may be refused all the same (restore.md 3.1).
  const names = [...new Set([name, besideName(name, mark)])];
  const found = mayBeThere ? await findService(making, names, ({ created }) => created >= since) : undefined;
  if (found !== undefined) return found.id;
  const before = new Set((await named(making, names)).map(({ id }) => id));
  let refusal: unknown;
  const find = async () => (await findService(making, names, ({ id }) => !before.has(id)))?.id;
  for (const each of names) {
    try {
      return await makeOnce(making.target.clock, () => create(making, saved, each), find);
    } catch (error) {
      // What nobody may do fails under every name.
      if (!isCode(error, 'RESTORE_REFUSED') || isRefusal(error.cause)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** A name that nothing but what this restore makes has. */
export function besideName(name: string, mark: string): string {
  return `${name.slice(0, 80)}_${mark.slice(0, 8)}`;
}

function create(
  { target, restorer, mark, wishedId, isEnterprise }: ServiceMaking,
  saved: ServiceDefinition,
  name: string,
) {
  const parameters = createParameters(saved, { name, mark: descriptionMark(mark), isEnterprise });
  const typeKeywords = marksFor(target.version.itemId, mark).join(',');
  const { isView } = saved;
  return restorer.services.createService({ parameters, isView, fields: { typeKeywords }, wishedId });
}

/** Puts the marks of this restore on what it has made, and waits until it shows them. */
export async function markMade({ target, restorer, mark: own }: ServiceMaking, id: string): Promise<Item> {
  const marks = marksFor(target.version.itemId, own);
  const { portal, writing } = restorer;
  for (const pause of [...pauses, 0]) {
    const item = await portal.item(id);
    if (item !== undefined && marks.every((each) => item.typeKeywords.includes(each))) return item;
    const typeKeywords = [...new Set([...(item?.typeKeywords ?? []), ...marks])].join(',');
    if (item !== undefined) await writing.update(placeOf(item), { typeKeywords }).catch(unlessUncertain);
    if ((await portal.item(id))?.typeKeywords.includes(marks[0] ?? '') !== true) await target.clock.sleep(pause);
  }
  return needItem({ portal, id });
}

function unlessUncertain(error: unknown): void {
  if (!isUncertain(error)) throw error;
}

/** Numbers that layers did not keep, whatever was wished (restore.md 7). */
function movedLayers(saved: ServiceDefinition, living: ServiceDefinition): [number, number][] {
  return pairsOf(saved, living).pairs.flatMap(({ saved: { id: from }, living: { id: to } }): [number, number][] =>
    from === to ? [] : [[from, to]],
  );
}

/** The name that the service of a version had. */
export function serviceNameOf({ url, name }: Readonly<Record<string, unknown>>): string | undefined {
  const found = serviceNameIn(typeof url === 'string' ? url : undefined);
  return found ?? (typeof name === 'string' && name !== '' ? name : undefined);
}
