import { systemClock } from '../clock.ts';
import { useProxies } from '../connections.ts';
import { checkStoreSetting, lendIdentity, processEnvironment } from '../settings/settings.ts';
import { scratchOf } from '../settings/scratch.ts';
import { type Environment } from '../settings/table.ts';
import { unknownSettings } from '../settings/unknown.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { openStore } from '../storage/open.ts';
import { withRetry } from '../storage/retry.ts';
import { azureCredential } from '../vault/credential.ts';
import { readLocalEnvironment } from './local-files.ts';
import { printable } from './printable.ts';

/** Options of every command. */
export interface CommonOptions {
  store?: string;
  json?: boolean;
}

/** The environment of a command: process, `.env`, `local.settings.json`, and what its options put on top. */
export function readEnvironment(folder: string, { store }: CommonOptions): Environment {
  const found = readLocalEnvironment(folder, processEnvironment());
  lendIdentity(found);
  const trouble = useProxies(found);
  if (trouble !== undefined) warnOfUnknown([trouble]);
  return store === undefined ? found : { ...found, BACKUP_STORE: store };
}

/** The store of a command that needs nothing but the archive. Throws SETTINGS_INVALID. */
export function archiveStore(env: Environment): BlobStore {
  const clock = systemClock;
  const address = checkStoreSetting(env);
  warnOfUnknown(unknownSettings(env));
  return withRetry(openStore(address, { clock, credential: azureCredential }), clock);
}

/**
 * Where a command may note what must not lie in the archive, which it may have no right to write: BACKUP_SCRATCH, else in the state of
 * this account, else beside the archive, else in this folder.
 */
export function scratchPlace(env: Environment, address: string): BlobStore {
  const place = scratchOf(env, env['BACKUP_SCRATCH'], address).at(-1) ?? 'file:./ago-backup/scratch';
  const clock = systemClock;
  return withRetry(openStore(place, { clock, credential: azureCredential }), clock);
}

/** Says on standard error which settings have no effect: another archive may be meant. */
export function warnOfUnknown(unknown: readonly string[]): void {
  for (const sentence of unknown) process.stderr.write(printable(`! ${sentence}\n`));
}
