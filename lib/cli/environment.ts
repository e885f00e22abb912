import { readLocalEnvironment, type Environment } from '../settings.ts';

/** Options of every command. */
export interface CommonOptions {
  store?: string;
  json?: boolean;
}

/** The environment of a command: process, `.env`, `local.settings.json`, and what its options put on top. */
export function readEnvironment(folder: string, { store }: CommonOptions): Environment {
  const found = readLocalEnvironment(folder);
  return store === undefined ? found : { ...found, BACKUP_STORE: store };
}
