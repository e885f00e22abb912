import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import type { Progress, RunInput } from '../backup/messages.ts';

/** Of an orchestration, what we ask. */
export interface Instance {
  running: boolean;
  /** epoch ms */
  lastUpdated: number;
  input: RunInput | undefined;
  progress: Progress | undefined;
}

/** Durable's instances, as far as we use them. */
export interface Instances {
  /** undefined when there is none of this id */
  status(id: string): Promise<Instance | undefined>;
  /** false when one of this id is running already */
  start(name: string, id: string, input: object): Promise<boolean>;
  terminate(id: string, reason: string): Promise<void>;
}

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
    async terminate(id, reason) {
      if ((await status(id))?.running === true) await client.terminate(id, encodeURIComponent(reason));
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

function readInstance({ runtimeStatus, lastUpdatedTime, input, customStatus }: DurableOrchestrationStatus): Instance {
  return {
    running: running.has(runtimeStatus),
    lastUpdated: new Date(lastUpdatedTime).getTime(),
    input: parsed<RunInput>(input),
    progress: parsed<Progress>(customStatus),
  };
}

// Inputs come back as the object or as its JSON, by the version of the extension.
function parsed<T>(value: unknown): T | undefined {
  if (typeof value === 'string') return value === '' ? undefined : (JSON.parse(value) as T);
  return (value ?? undefined) as T | undefined;
}
