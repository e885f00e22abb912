import { BackupError, toFailure } from '../../errors.ts';
import type { Ping, Signal } from '../../monitor/ping.ts';
import type { RestoreDeps } from '../deps.ts';

/** Tells the check of a drill; that it cannot be told fails no drill. */
export async function tellOfDrill(
  { drillPing, log }: Pick<RestoreDeps, 'drillPing' | 'log'>,
  runId: string,
  signal: Signal,
  lines: readonly string[],
): Promise<void> {
  try {
    const ping = await drillPing(runId);
    await ping(signal, runId, lines.join('\n'));
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    log({ event: 'drill.unheard', runId, code: toFailure(error).code });
  }
}

/** The check of the backup in place of one of the drill's own: a drill that ends well is no backup, and only a line there. */
export function onlyFailures(ping: Ping): Ping {
  return (signal, runId, body) => {
    if (signal === 'start') return Promise.resolve(true);
    return ping(signal === 'success' ? 'log' : signal, runId, body);
  };
}
