import type { Environment } from '../settings.ts';
import { warnOfUnknown, type CommonOptions } from './environment.ts';
import { startLocalHost } from './local-host.ts';

/** The local host until SIGTERM or SIGINT; log lines on standard output. The exit status. */
export async function serve(env: Environment, { port }: CommonOptions & { port: number }): Promise<number> {
  const stopped = Promise.race([signal('SIGTERM'), signal('SIGINT')]);
  const { host, app } = await startLocalHost(env, (line) => void process.stdout.write(`${line}\n`));
  const server = await host.serve(port);
  host.startTimers();
  warnOfUnknown(app.settings.unknown);
  const { schedule, store } = app.settings;
  process.stderr.write(`Listening on http://127.0.0.1:${server.port}/api/backups\n`);
  process.stderr.write(`Backing up into ${store}, next at ${schedule} (UTC)\n`);
  await stopped;
  await server.close();
  await host.close();
  // A portal that never answers must not keep the process: what is still open by now was given its time.
  setTimeout(() => process.exit(), 500).unref();
  return 0;
}

function signal(name: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => process.once(name, () => resolve()));
}
