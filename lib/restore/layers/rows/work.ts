import type { ServiceWriting } from '../../../arcgis/writing/service-writing.ts';
import type { Clock } from '../../../clock.ts';
import type { RowsNote } from '../../journal/entries.ts';

/** What rows are written with, and where it is written down how far that is. */
export interface RowsWork {
  services: ServiceWriting;
  clock: Clock;
  /** what was written down of this attempt before it is gone on with */
  notes: readonly RowsNote[];
  note: (what: RowsNote) => Promise<void>;
  /** Between two things: writes down how far it is and throws PartOver when it is time to stop. */
  rest: (at?: RowsNote) => Promise<void>;
}
