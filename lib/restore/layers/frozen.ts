import type { HostedService } from '../../arcgis/layers/hosted-service.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import { BackupError } from '../../errors.ts';
import type { Restorer } from '../deps.ts';
import type { Frozen, RowsNote } from '../journal/entries.ts';
import { needItem } from '../aspects/aspect.ts';

/** How a service was before it was closed to edits, if it still is closed. */
export function frozenIn(notes: readonly RowsNote[]): Frozen | undefined {
  const last = notes.findLast(({ is }) => is === 'frozen' || is === 'thawed');
  return last?.is === 'frozen' ? last : undefined;
}

/** Closes a service to edits by others, and keeps it from stamping rows with who loads them. Owner and administrators may still write. */
export async function freeze(restorer: Restorer, id: string, { tracking }: Frozen): Promise<void> {
  const off = tracking === null ? {} : { editorTrackingInfo: { ...tracking, enableEditorTracking: false } };
  await set(restorer, id, { capabilities: 'Query', ...off }, isFrozen);
}

const isFrozen = ({ capabilities, tracking }: HostedService) => capabilities === 'Query' && tracking === null;

/** Opens it as it was. @returns the fields that switching tracking on again has made, which nobody asked for */
export async function thaw(restorer: Restorer, id: string, before: Frozen): Promise<string[]> {
  const { capabilities, tracking } = before;
  const fields = await fieldsOf(restorer, id);
  const body = { capabilities, ...(tracking !== null && { editorTrackingInfo: tracking }) };
  const isAsBefore = (now: HostedService) =>
    now.capabilities === capabilities && (tracking === null || now.tracking !== null);
  await set(restorer, id, body, isAsBefore);
  const now = await fieldsOf(restorer, id);
  return [...now].filter((each) => !fields.has(each));
}

async function fieldsOf({ portal }: Restorer, id: string): Promise<Set<string>> {
  const { tables } = await portal.hosted(await needItem({ portal, id }));
  return new Set(tables.flatMap(({ info }) => info.fields.map(({ name }) => `${info.name}.${name}`)));
}

const mostTries = 3;

/** Writes, reads back, and writes again what was lost. */
async function set(
  { portal, services }: Restorer,
  id: string,
  body: object,
  isDone: (service: HostedService) => boolean,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const service = await portal.hosted(await needItem({ portal, id }));
    if (isDone(service)) return;
    if (tries === mostTries) throw new BackupError('RESTORE_REFUSED', `The settings of ${id} stay as they are.`);
    try {
      await services.updateDefinition(service.address, null, body);
    } catch (error) {
      if (!isUncertain(error)) throw error;
    }
  }
}
