import type { App } from '../app.ts';
import { momentText } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { hasNoAccount } from '../settings/settings.ts';
import type { LocalHost } from '../host/host.ts';
import type { Environment } from '../settings/table.ts';
import { systemClock } from '../clock.ts';
import { nextTick } from '../schedule.ts';
import { warnOfUnknown, type CommonOptions } from './environment.ts';
import { startLocalHost } from './local-host.ts';
import { span } from './minutes.ts';

/** What `serve` takes. */
export interface ServeOptions extends CommonOptions {
  port: number;
  /** keys are asked for here as well */
  key?: boolean;
}

/**
 * The local host until SIGTERM or SIGINT; log lines on standard output. The exit status. Throws USAGE for a port that is taken,
 * and when keys are to be asked for and none is set.
 */
export async function serve(env: Environment, { port, key = false }: ServeOptions): Promise<number> {
  const stopped = Promise.race([signal('SIGTERM'), signal('SIGINT')]);
  const onlyLooks = hasNoAccount(env);
  const { host, app } = await startLocalHost(env, (line) => void process.stdout.write(`${line}\n`), {
    onlyLooks,
    isOpen: !key,
  });
  try {
    if (key) await needKey(app);
    const server = await listen(host, port);
    if (!onlyLooks) host.startTimers();
    warnOfUnknown(app.settings.unknown);
    const { schedule, store } = app.settings;
    process.stderr.write(`Listening on http://127.0.0.1:${server.port}/api/backups\n`);
    process.stderr.write(`Open it in a browser: http://127.0.0.1:${server.port}/\n`);
    process.stderr.write(`Clone it: git clone http://127.0.0.1:${server.port}/archive.git\n`);
    process.stderr.write(
      onlyLooks
        ? `No account of the portal is set: ${store} can be looked at and cloned, and nothing is backed up.\n`
        : `Backing up into ${store}; ${nextRun(schedule, systemClock.now())}\n`,
    );
    await stopped;
    return 0;
  } finally {
    await host.close();
  }
}

/** `next run: Sunday 2026-11-29 02:00 UTC (in 7 h)`. @param schedule NCRONTAB @param now epoch ms */
export function nextRun(schedule: string, now: number): string {
  const next = nextTick(schedule, now);
  if (next === undefined) return `no run: ${schedule} never comes`;
  const day = new Date(next).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
  return `next run: ${day} ${momentText(next)} (in ${span((next - now) / 1000)})`;
}

/** A door without a key would stay shut for everybody. */
async function needKey({ keys }: App): Promise<void> {
  const { reader, operator } = await keys();
  if (reader !== undefined || operator !== undefined) return;
  const hint = 'Set ARCHIVE_READ_KEY or ARCHIVE_OPERATOR_KEY, or leave --key out.';
  throw new BackupError('USAGE', 'Keys are to be asked for, and none is set.', { hint });
}

async function listen(host: LocalHost, port: number) {
  try {
    return await host.serve(port);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      const hint = 'It may be another `ago-backup serve`: end it, or name another port with --port (0 = any free one).';
      throw new BackupError('USAGE', `Something else listens on port ${port} of 127.0.0.1.`, { hint, cause });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      const hint = 'Name a port above 1023 with --port.';
      throw new BackupError('USAGE', `This account may not listen on port ${port}.`, { hint, cause });
    }
    throw cause;
  }
}

function signal(name: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => process.once(name, () => resolve()));
}
