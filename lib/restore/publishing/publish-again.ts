import { serviceNameIn } from '../../arcgis/layers/service-name.ts';
import type { PackageKind, Publishing } from '../../arcgis/writing/publish.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import { needItem } from '../aspects/aspect.ts';
import { findMade } from '../create.ts';
import type { Made } from '../journal/entries.ts';
import { markMade, type ServiceMaking } from '../layers/make-service.ts';
import { makeOnce } from '../lost-answer.ts';
import { removeItemOf } from '../remove.ts';
import { kindOf, packageOf } from './package.ts';

/** ms between two looks at what is being made, the last for all that follow; and how many looks: an activity may take an hour. */
const pauses = [1000, 2000, 5000, 10_000, 30_000];
const looks = 90;

/**
 * Publishes a service of tiles again from the package that it came of, under its name, and puts the marks on it. What a lost answer may
 * have made is found again by its name, for nobody had one of that name before. Throws RESTORE_CLASS, RESTORE_REFUSED, PORTAL_….
 */
export async function publishAgain(making: ServiceMaking): Promise<Made> {
  const { target, restorer } = making;
  const file = await fileOf(making);
  const kind = kindOf(file.type);
  if (kind === undefined)
    throw new BackupError(
      'RESTORE_CLASS',
      `No service can be published from ${file.title ?? ''} (${file.id}), a ${file.type}.`,
    );
  const before = making.mayBeThere ? await found(making, file) : undefined;
  const publishing = before ? { itemId: before.id, jobId: '', owner: file.owner } : await begin(making, file, kind);
  const { id, url } = await markMade(making, publishing.itemId);
  for (let look = 0; look < looks; look++) {
    const status = await restorer.services.publishStatus(publishing);
    if (status === 'completed') return { newId: id, ...(url !== null && { url }) };
    if (status === 'failed') {
      await removeItemOf(restorer, target.clock, { id, forGood: true });
      break;
    }
    await target.clock.sleep(pauses[Math.min(look, pauses.length - 1)] ?? 0);
  }
  const from = `${file.title ?? ''} (${file.id})`;
  throw new BackupError('RESTORE_REFUSED', `Publishing ${making.name} from ${from} did not end well.`);
}

/** The package where it is now. Throws RESTORE_GONE. */
async function fileOf({ target, restorer: { portal } }: ServiceMaking): Promise<Item> {
  const id = (await packageOf(target.archive, target.version)) ?? '';
  return needItem({ portal, id: target.map.ids.get(id) ?? id });
}

function begin(making: ServiceMaking, file: Item, kind: PackageKind): Promise<Publishing> {
  const { restorer, target, name } = making;
  const { id: itemId, owner } = file;
  const find = async () => {
    const made = await found(making, file);
    return made && { itemId: made.id, jobId: '', owner };
  };
  return makeOnce(target.clock, () => restorer.services.publish({ itemId, name, owner, kind }), find);
}

/**
 * What this restore has made of the package: it bears its marks, or its name, which was free when this was planned, and comes of the same
 * package.
 */
async function found(making: ServiceMaking, { id, owner }: Item): Promise<Item | undefined> {
  const { portal } = making.restorer;
  const marked = await findMade({ ...making, account: owner });
  if (marked !== undefined) return marked;
  for (const item of await portal.newest(owner)) {
    if (serviceNameIn(item.url) !== making.name) continue;
    const { list } = await portal.relations(item.id, { type: 'Service2Data', direction: 'forward' });
    if (list.some(({ itemId }) => itemId === id)) return item;
  }
  return undefined;
}
