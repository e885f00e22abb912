import type { HostedService } from '../../arcgis/layers/hosted-service.ts';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { Restorer } from '../deps.ts';
import type { Frozen, RowsNote } from '../journal/entries.ts';
import { needItem } from '../aspects/aspect.ts';
import { writeUntil } from '../put-back.ts';
import { updateApart } from './update-apart.ts';

/** How a service was before it was closed to edits, if it still is closed. */
export function frozenIn(notes: readonly RowsNote[]): Frozen | undefined {
  const last = notes.findLast(({ is }) => is === 'frozen' || is === 'thawed');
  return last?.is === 'frozen' ? last : undefined;
}

/** How a service is that is not closed yet. */
export function frozenOf({ capabilities, tracking, tables }: HostedService): Frozen {
  const optimised = tables.flatMap(({ info, traits: { optimisation } }): [number, Record<string, unknown>][] =>
    optimisation === null ? [] : [[info.id, optimisation]],
  );
  return { is: 'frozen', capabilities, tracking, ...(optimised.length > 0 && { optimised }) };
}

/**
 * Closes a service to edits by others, and keeps it from stamping rows with who loads them, and from computing shapes anew with every row
 * (restore.md 2.2). Owner and administrators may still write.
 */
export async function freeze(restorer: Restorer, id: string, before: Frozen, clock: Clock): Promise<void> {
  const { tracking } = before;
  const off = tracking === null ? {} : { editorTrackingInfo: { ...tracking, enableEditorTracking: false } };
  await set(restorer, id, clock, { capabilities: 'Query', ...off }, isFrozen);
  await optimise(restorer, id, before, false);
}

const isFrozen = ({ capabilities, tracking }: HostedService) => capabilities === 'Query' && tracking === null;

/** Opens it as it was. @returns the fields that switching tracking on again has made, which nobody asked for */
export async function thaw(restorer: Restorer, id: string, before: Frozen, clock: Clock): Promise<string[]> {
  const { capabilities, tracking } = before;
  await optimise(restorer, id, before, true);
  const fields = await fieldsOf(restorer, id);
  const body = { capabilities, ...(tracking !== null && { editorTrackingInfo: tracking }) };
  const isAsBefore = (now: HostedService) =>
    now.capabilities === capabilities && (tracking === null || now.tracking !== null);
  await set(restorer, id, clock, body, isAsBefore);
  const now = await fieldsOf(restorer, id);
  return [...now].filter((each) => !fields.has(each));
}

/** Switches it on or off where it is otherwise. What a portal does not take only makes it slow, and is compared in the end. */
async function optimise(
  { portal, services }: Restorer,
  id: string,
  { optimised = [] }: Frozen,
  isWanted: boolean,
): Promise<void> {
  const { address, tables } = await portal.hosted(await needItem({ portal, id }));
  for (const { info, traits } of tables) {
    const value = optimised.find(([layer]) => layer === info.id)?.[1];
    if (value === undefined || isWanted === (traits.optimisation !== null)) continue;
    await updateApart(services, address, info.id, { multiScaleGeometryInfo: isWanted ? value : { levels: [] } });
  }
}

async function fieldsOf({ portal }: Restorer, id: string): Promise<Set<string>> {
  const { tables } = await portal.hosted(await needItem({ portal, id }));
  return new Set(tables.flatMap(({ info }) => info.fields.map(({ name }) => `${info.name}.${name}`)));
}

/** Writes, reads back, and writes again what was lost. Throws RESTORE_REFUSED. */
async function set(
  { portal, services }: Restorer,
  id: string,
  clock: Clock,
  body: object,
  isSet: (service: HostedService) => boolean,
): Promise<void> {
  const read = async () => portal.hosted(await needItem({ portal, id }));
  const isDone = await writeUntil(
    {
      isDone: async () => isSet(await read()),
      write: async () => services.updateDefinition((await read()).address, null, body),
      begin: () => Promise.resolve(),
    },
    clock,
  );
  if (!isDone) throw new BackupError('RESTORE_REFUSED', `The settings of ${id} stay as they are.`);
}
