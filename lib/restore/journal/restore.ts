import type { Sharing } from '../../arcgis/writing/writing.ts';
import type { FolderTarget, LeftFolder } from '../folders/folder.ts';
import type { GroupTarget } from '../groups/group.ts';
import type { VersionAt } from '../version.ts';
import type { AspectName, Home, Plan, Pointing, RowsWish } from '../words.ts';
import type { Frozen } from './entries.ts';

/** What a restore was asked for and has planned: the first that is written of it, before the portal hears anything. */
export interface Restore {
  restoreId: string;
  /** epoch ms */
  started: number;
  /** 16 hex digits that only this restore has: the mark of what it makes */
  mark: string;
  plan: Plan;
  /** by item id */
  versions: Record<string, VersionAt>;
  /** where each item is to lie, and with whom it is to be shared in the end, by item id */
  targets: Record<string, PlannedTarget>;
  /** what each group is to be, by its id in the archive */
  groups: Record<string, GroupTarget>;
  /** where its items lie; older plans have none */
  folders?: FolderTarget[];
  /** living items that name what the portal may call otherwise, although the plan does not foresee it; older plans have none */
  unforeseen?: Pointing[];
  /** folders that an undo deletes, if nothing is in them, by id */
  removes?: Record<string, LeftFolder>;
  only: AspectName[];
  /** the portal honours a wished id */
  honoursIds: boolean;
  /** how rows of hosted layers are put back; older plans do not have it */
  rows?: RowsWish;
  /** the restore that this one takes back */
  undoes: string | null;
}

/** Where an item goes. */
export interface PlannedTarget {
  home: Home;
  sharing: Sharing | null;
  /** the address of the service that the version is; null of what is none */
  service: string | null;
  /** the name of the service that is made; null where none is */
  name: string | null;
  /** the categories that it gets; null: those of its version */
  categories: string[] | null;
  /** the item that is compared and written, where it is not made anew */
  id: string;
  /** of a view that is made: the items that it shows */
  sources?: readonly string[];
  /** when the living item was changed last as it was planned, epoch ms; null where none lives */
  modified: number | null;
  /** of a hosted layer that lives, whose rows are put back: what tells whether they were edited since */
  edits?: string;
  /** of a hosted layer that a restore has closed to edits and not opened again: how it was */
  frozen?: Frozen;
}
