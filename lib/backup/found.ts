import type { Failure } from '../errors.ts';
import type { Item, Saved } from './item.ts';
import type { NoteCode } from './notes.ts';
import type { Work } from './plan.ts';

/** What a service said, or that it said nothing. */
export interface Silent extends Failure {
  /** there is no service at that address, and the archive has nothing to lose that was there yesterday */
  isGone: boolean;
}

/** A found item, one line of a blob: all that saving it needs. */
export interface Found {
  item: Item;
  folder: { id: string | null; title: string; created: number };
  stamp: string;
  step: Work['step'];
  onlyTables: boolean;
  /** names of the layers whose rows are edited without a date */
  undated?: readonly string[];
  /** why the service that it points to is not taken for its own, as a sentence */
  notOwn?: string;
  /** what else a reader of the backup should know */
  notes?: readonly { code: NoteCode; text: string }[];
  /** the greatest time in the member's listing so far, epoch ms by the portal's clock */
  newest: number;
  /** why its service could not be asked when it was compared: neither rows nor definition can be had, and those saved stay */
  silent?: Silent;
  /** it could not be exported the last time, and nothing changed since: `saved` stays when it cannot be exported again */
  retry?: true;
  /** is it the day on which everything small is read again? */
  due: boolean;
  /** what the archive has of it, under the same member */
  saved?: Saved;
}

/** Was it moved or shared only? Then the archive's version of what it holds stays. */
export function isRefresh(found: Found): found is Found & { saved: NonNullable<Found['saved']> } {
  return found.step === 'refresh' && found.saved !== undefined;
}
