import type { HostedService, LayerTraits } from '../../arcgis/layers/hosted-service.ts';
import type { LayerInfo } from '../../arcgis/layers/layer-info.ts';
import { numberOf, oneLine } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';
import type { RowsWish } from '../words.ts';

/** A layer as a version has it. */
type SavedLayer = { info: LayerInfo; traits: LayerTraits };

/** What decides whether rows can be put back. */
export interface RowsFacts {
  rows: RowsWish;
  saved: readonly SavedLayer[];
  service: Pick<HostedService, 'tables'>;
  /** copies that are out on devices */
  replicas: number;
}

/** Why the rows of a layer cannot be put back in place; undefined when they can. */
export function rowsHindrance({ rows, saved, service, replicas }: RowsFacts): BackupError | undefined {
  if (rows.how === 'all' && replicas > 0)
    return hindered(
      `${numberOf(replicas, 'copy', 'copies')} of it ${replicas === 1 ? 'is' : 'are'} out on devices, whose edits would be lost.`,
      'Let the field crews synchronize, unregister their copies (unRegisterReplica), then plan anew; --rows missing or changed does not touch them.',
    );
  for (const then of saved) {
    const now = service.tables.find(({ info }) => info.id === then.info.id);
    const why = now === undefined ? undefined : hindranceOf(rows, then, now);
    if (why !== undefined) return why;
  }
  const names = new Set(saved.flatMap(({ info }) => info.fields.map(({ name }) => name.toLowerCase())));
  const unknown = rows.fields?.find((name) => !names.has(name.toLowerCase()));
  return unknown === undefined
    ? undefined
    : hindered(
        `No layer of the version has a field ${oneLine(unknown, 60)}.`,
        'Name fields as `ago-backup show` or GET /api/items/{itemId} has them.',
      );
}

function hindranceOf({ how }: RowsWish, then: SavedLayer, now: SavedLayer): BackupError | undefined {
  const name = oneLine(then.info.name, 60);
  const changed = then.info.fields.find((field) => {
    const other = now.info.fields.find((each) => each.name.toLowerCase() === field.name.toLowerCase());
    return other !== undefined && other.type !== field.type;
  });
  if (changed !== undefined)
    return hindered(
      `Field ${changed.name} of ${name} has another type now.`,
      'Ask for --mode beside, and copy the values by hand.',
    );
  if (then.info.geometryType !== now.info.geometryType)
    return hindered(`${name} has shapes of another kind now.`, 'Ask for --mode beside.');
  if (how !== 'all') {
    if (then.traits.globalIdField === undefined || now.traits.globalIdField === undefined)
      return hindered(
        `Rows of ${name} have no global ids by which they could be told apart.`,
        'Ask for --rows all, which replaces all of them.',
      );
    if (now.traits.keepsGlobalIds) return undefined;
    return hindered(
      `Rows that are added to ${name} get global ids of the portal's own, so that the next restore would add them once more.`,
      'Ask for --rows all, which replaces all of them, or for --mode beside.',
    );
  }
  const keys = now.traits.relationships.filter(({ isOrigin }) => isOrigin).map(({ key }) => key);
  const isBroken = keys.some(
    (key) =>
      isSameName(key, now.info.objectIdField) ||
      (isSameName(key, now.traits.globalIdField) && !now.traits.keepsGlobalIds),
  );
  if (!isBroken) return undefined;
  return hindered(
    `Other layers know the rows of ${name} by ids that they would lose.`,
    now.traits.keepsGlobalIds
      ? 'Ask for --rows missing or changed, or for --mode beside.'
      : 'Ask for --mode beside, and put back by hand what is missing.',
  );
}

const isSameName = (one: string, other: string | undefined) => one.toLowerCase() === other?.toLowerCase();

function hindered(why: string, hint: string): BackupError {
  return new BackupError('RESTORE_ROWS', why, { hint });
}
