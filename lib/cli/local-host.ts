import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { app, replaceParts, type App } from '../app.ts';
import type { Replacements } from '../replacements.ts';
import { systemClock } from '../clock.ts';
import { createHost, type LocalHost } from '../host/host.ts';
import { apiGate } from '../serve/access/api-gate.ts';
import { readLogLine, type LogEvent } from '../monitor/log.ts';
import type { Environment } from '../settings/table.ts';
import { printable } from './printable.ts';

/** Takes each log line of section 9, as text and as what it says. */
export type Listener = (line: string, event: LogEvent) => void;

/**
 * The unmodified functions in the host of this process. Throws SETTINGS_INVALID before anything else happens.
 * @param listener hears the log lines of runs; what the functions warn of goes to standard error
 */
export async function startLocalHost(
  env: Environment,
  listener: Listener,
  replacements: Replacements = {},
): Promise<{ host: LocalHost; app: App }> {
  const { clock = systemClock } = replacements;
  replaceParts({ isOpen: true, ...replacements, env, clock });
  const built = app();
  const log = ({ level, message }: { level: string; message: string }) => {
    const event = readLogLine(message);
    if (event !== undefined) listener(message, event);
    else if (level === 'warning' || level === 'error') process.stderr.write(printable(`${message}\n`));
  };
  // Who opens it for all asks for no key of the API either.
  const refuse = replacements.isOpen === false ? apiGate({ clock, keys: built.keys }) : undefined;
  const { concurrency, exports } = built.settings;
  // As many as there may be: which of them go on at a time is decided by the lanes, which let short steps of exports between items.
  const host = await createHost({ clock, log, maxActivities: concurrency + exports, ...(refuse && { refuse }) });
  await host.load(importFunctions);
  return { host, app: built };
}

/** Imports every function, compiled or not: whatever lies in the folder beside this one. */
async function importFunctions(): Promise<void> {
  const folder = new URL('../../functions/', import.meta.url);
  const ending = extname(import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(ending) && !name.endsWith('.d.ts'));
  for (const name of files.sort()) await import(new URL(name, folder).href);
}
