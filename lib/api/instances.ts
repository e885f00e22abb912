import type { DurableClient, DurableOrchestrationStatus, OrchestrationRuntimeStatus } from 'durable-functions';
import type { Progress, RunInput } from '../backup/run.ts';

/** What an orchestration shows of its progress; the run's own shows no counts, a lane no total. */
export type Shown = Partial<Progress>;

/** Of an orchestration, what we ask. */
export interface Instance {
  running: boolean;
  /** accepted, and not begun yet: another start may still take its place */
  pending: boolean;
  /** epoch ms */
  lastUpdated: number;
  input: RunInput | undefined;
  /** what it shows; what it was given when it has just begun anew */
  progress: Shown | undefined;
  /** why it failed, in the words of the extension */
  error: string | undefined;
}

/** Durable's instances, as far as we use them. */
export interface Instances {
  /** undefined when there is none of this id */
  status(id: string): Promise<Instance | undefined>;
  /** false when one of this id is running already */
  start(name: string, id: string, input: object): Promise<boolean>;
  terminate(id: string, reason: string): Promise<void>;
  /** forgets the instances that have ended and were made before this time, epoch ms */
  purge(before: number): Promise<void>;
}

// By their values: the library of their names takes longer to load than all that a command of a laptop needs.
const over = ['Completed', 'Failed', 'Terminated', 'Canceled'] as OrchestrationRuntimeStatus[];

const running = new Set(['Running', 'Pending', 'Suspended', 'ContinuedAsNew']);

/** The instances behind a Durable client. */
export function instancesOf(client: DurableClient): Instances {
  const status = async (id: string) => {
    const found = await getStatus(client, id);
    return found && readInstance(found);
  };
  return {
    status,
    async start(name, id, input) {
      try {
        await client.startNew(name, { instanceId: id, input });
        return true;
      } catch (error) {
        // The extension answers 409 or 500, by its version, when one is running (azure-functions.md, rule 13).
        if ((await status(id))?.running === true) return false;
        throw error;
      }
    },
    async purge(before) {
      // Durable wants both ends (azure-functions.md, rule 17).
      const times = { createdTimeFrom: new Date(0), createdTimeTo: new Date(before) };
      await client.purgeInstanceHistoryBy({ ...times, runtimeStatus: over });
    },
    async terminate(id, reason) {
      if ((await status(id))?.running !== true) return;
      try {
        await client.terminate(id, encodeURIComponent(reason));
      } catch (error) {
        // It may have ended since it was looked at, and be forgotten.
        if ((await status(id))?.running === true) throw error;
      }
    },
  };
}

// v3 throws for an id it does not know, with the status only in the text.
async function getStatus(client: DurableClient, id: string): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(id, { showInput: true });
  } catch (error) {
    if (error instanceof Error && error.message.includes('404')) return undefined;
    throw error;
  }
}

function readInstance(found: DurableOrchestrationStatus): Instance {
  const { runtimeStatus, lastUpdatedTime, output } = found;
  const input = parsed<RunInput & Shown>(found.input);
  return {
    running: running.has(runtimeStatus),
    pending: String(runtimeStatus) === 'Pending',
    lastUpdated: new Date(lastUpdatedTime).getTime(),
    input,
    // A lane that goes on with its next page shows nothing until its first turn; it was given what it had come to.
    progress: parsed<Shown>(found.customStatus) ?? input,
    error: String(runtimeStatus) === 'Failed' && typeof output === 'string' ? output : undefined,
  };
}

// Inputs come back as the object or as its JSON, by the version of the extension.
function parsed<T>(value: unknown): T | undefined {
  if (typeof value === 'string') return value === '' ? undefined : (JSON.parse(value) as T);
  return (value ?? undefined) as T | undefined;
}
