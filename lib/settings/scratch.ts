import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isInAzure } from './environment.ts';
import type { Environment } from './table.ts';

/** Beside the archive, and in the state of this account as well: a disk that is not mounted has taken both with it. */
export function scratchOf(env: Environment, scratch: string | undefined, store: string): string[] {
  if (scratch !== undefined && scratch !== '') return [scratch];
  if (isInAzure(env)) return [];
  const beside = store.startsWith('file:')
    ? [`file:${join(dirname(resolve(store.slice('file:'.length))), 'ago-backup', 'scratch')}`]
    : [];
  const state = stateFolder(env);
  return state === undefined ? beside : [...beside, `file:${join(state, 'ago-backup')}`];
}

/** Where programs of this account keep what is to stay. https://specifications.freedesktop.org/basedir-spec/latest/ */
function stateFolder(env: Environment): string | undefined {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: ofWindows, HOME: home } = env;
  if (state !== undefined && isAbsolute(state)) return state;
  if (ofWindows !== undefined && isAbsolute(ofWindows)) return ofWindows;
  return home !== undefined && isAbsolute(home) ? join(home, '.local', 'state') : undefined;
}
