import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { PortalError } from '../connection/portal-error.ts';

/** The end of a job; more than `status` is the verb's own. */
export type JobEnd = Record<string, unknown>;

const begun = z.looseObject({ statusURL: z.string().optional(), statusUrl: z.string().optional() });
const state = z.looseObject({ status: z.string() });

/** Whoever waits for a job, and may have to go away before its end. */
export interface JobWatch {
  /** hears where its state is told */
  begun: (job: string) => Promise<void>;
  /** after each look that did not see its end; may throw */
  looked: () => Promise<void>;
}

/** ms between two looks, the last for all that follow; and how long a job is waited for in all. */
const pauses = [500, 1000, 2000, 5000, 10_000];
const longest = 4 * 3_600_000;

/**
 * What became of a call that may have begun a job: the answer itself where it began none. The portal writes the address in two
 * ways, and the states with large or small letters (restore.md 2.1). Throws RESTORE_REFUSED when the job failed or has no end.
 */
export async function endOfJob(
  client: Client,
  service: string,
  answer: JobEnd,
  what: string,
  watch?: JobWatch,
): Promise<JobEnd> {
  const { statusURL, statusUrl } = shaped(begun, answer, what);
  const address = statusURL ?? statusUrl;
  if (address === undefined) return answer;
  await watch?.begun(address);
  return followJob(client, service, address, what, watch);
}

/** The end of a job that tells its state at an address. Throws as `endOfJob`. */
export async function followJob(
  client: Client,
  service: string,
  address: string,
  what: string,
  watch?: JobWatch,
): Promise<JobEnd> {
  const url = ownAddress(service, address, what);
  const begin = client.clock.now();
  for (let n = 0; client.clock.now() - begin < longest; n++) {
    const end = shaped(state, await askState(client, url, what), what);
    const status = end.status.toLowerCase().replace(/^esrijob/, '');
    if (status === 'completed' || status === 'succeeded') return end;
    if (/fail|errors|cancel/.test(status)) throw new BackupError('RESTORE_REFUSED', `${what}: ${reasonIn(end)}`);
    await client.clock.sleep(pauses[Math.min(n, pauses.length - 1)] ?? 0);
    await watch?.looked();
  }
  throw new BackupError('RESTORE_REFUSED', `${what}: it did not end within four hours.`);
}

/** A job that failed may be told as an error, or as a state with one beside it. */
async function askState(client: Client, url: string, what: string): Promise<unknown> {
  try {
    return await client.ask({ url, what });
  } catch (error) {
    if (!(error instanceof PortalError) || error.said === undefined || /^(?:AUTH|PORTAL_BUSY)/.test(error.code))
      throw error;
    throw new BackupError('RESTORE_REFUSED', error.message, { cause: error });
  }
}

/** The token goes to no other host than the service's own. */
function ownAddress(service: string, address: string, what: string): string {
  if (URL.canParse(address) && new URL(address).origin === new URL(service).origin) return address;
  throw new PortalError('PORTAL_ANSWER', `${what}: the portal names another host for its state.`);
}

const failure = z.looseObject({ description: z.string().optional(), message: z.string().optional() });

function reasonIn({ error, statusMessage }: JobEnd): string {
  const found = failure.safeParse(error).data;
  const said = found?.description ?? found?.message ?? (typeof statusMessage === 'string' ? statusMessage : '');
  return said === '' ? 'the portal did not do it.' : `the portal says: ${said.slice(0, 300)}`;
}
