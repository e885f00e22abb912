import { BackupError } from '../errors.ts';
import { commitAt, timeText, type At } from './at.ts';
import { stateOf, type History, type State, type Version } from './history.ts';

/** A version in which the item is there. */
export type Seen = Version & { after: State };

/** Is the item there in this version? */
export const isSeen = (version: Version): version is Seen => version.after !== undefined;

/**
 * The version of an item that AT means: as it was then; of an item that was deleted `latest` is its last version, and
 * `previous` the one before that. Throws VERSION_UNKNOWN.
 */
export function versionAt(history: History, id: string, at: At): Seen {
  const all = history.versions(id);
  if (at.is === 'latest' || at.is === 'previous') {
    const found = all.filter(isSeen)[at.is === 'latest' ? 0 : 1];
    if (found !== undefined) return found;
    throw unknown(all, 'has one version only');
  }
  const commit = commitAt(history, at);
  const [found] = history.versions(id, commit);
  if (found === undefined)
    throw unknown(all, `was not there yet; its first version is of ${timeText(all.at(-1)?.commit.time ?? 0)}`);
  if (isSeen(found)) return found;
  throw unknown(all, `was removed at ${timeText(found.commit.time)}`, 'Its last version is called `latest`.');
}

function unknown(all: readonly Version[], what: string, hint?: string): BackupError {
  const title = all[0] === undefined ? 'The item' : stateOf(all[0]).title;
  return new BackupError('VERSION_UNKNOWN', `${title} ${what}.`, hint === undefined ? {} : { hint });
}
