import type { Failure } from '../errors.ts';

/** What is known of an item in the portal: it lives, lies in the recycle bin, is gone, or nobody can say. Unknown is never taken for gone. */
export type ItemState = 'live' | 'bin' | 'gone' | 'unknown';

/** What a person may ask for. */
export const askedModes = ['auto', 'in-place', 'beside', 'new'] as const;

/** What a person asks for. */
export type AskedMode = (typeof askedModes)[number];

/** How an item is put back: where it is, out of the recycle bin, as a copy beside it, or as a new item. */
export type Mode = 'in-place' | 'bin' | 'beside' | 'new';

/** Does it make an item, where others change the one that is there? */
export function isMaking(mode: Mode): boolean {
  return mode === 'new' || mode === 'beside';
}

/** The title that stands for no folder. */
export const noFolder = 'None';

/** Who owns an item in the end, and the title of its folder; `noFolder` outside any. */
export interface Home {
  owner: string;
  folder: string;
  folderId: string | null;
}

/** What of an item is put back, each in a step of its own, in this order. */
export const aspectNames = [
  'definition',
  'rows',
  'data',
  'resources',
  'info',
  'thumbnail',
  'metadata',
  'record',
  'status',
  'settings',
  'folder',
  'sharing',
  'relations',
  'protection',
] as const;

/** What of an item is put back. */
export type AspectName = (typeof aspectNames)[number];

/**
 * How rows are put back: all of them, so that a layer is what it was; those that are missing; also those that differ, or only some
 * fields of them. `exact`: what was added since goes as well, without an empty moment, as undoing wants it.
 */
export interface RowsWish {
  how: 'all' | 'missing' | 'changed' | 'exact';
  /** names of fields; all unless given */
  fields?: readonly string[];
}

/** What of a group is put back besides its record. */
export type GroupPart = 'members' | 'owner' | 'items';

/** A step: something of an item or a group, or one that makes, finds or removes it, or gives it new names of others. */
export type StepName = AspectName | GroupPart | 'create' | 'undelete' | 'recycle' | 'delete' | 'repoint';

/** 0 reads, 1 adds, 2 changes and can be taken back, 3 empties or deletes. */
export type Danger = 0 | 1 | 2 | 3;

/** One step of the plan. */
export interface PlannedStep {
  step: StepName;
  danger: Danger;
  /** for people */
  what: string;
}

/** Something of an item that is not as the version has it. */
export interface Difference {
  part: AspectName | GroupPart;
  /** for people: which fields, which files */
  what: string;
  /** the portal insists on it: its meaning is the same */
  equivalent?: true;
}

/** How the rows of one layer differ from the version; null = not known before the portal has read the version. */
export interface PlannedLayer {
  id: number;
  name: string;
  /** rows of the version, and of the layer */
  then: number | null;
  now: number | null;
  missing: number | null;
  changed: number | null;
  /** rows that the version has not */
  added: number | null;
  /** the first rows that differ: their global ids, and names of fields */
  first: { is: 'missing' | 'changed'; key: string; fields: string[] }[];
}

/** The type by which a plan tells a group from items, of which none has it. */
export const groupType = 'Group';

/** The same of a folder. */
export const folderType = 'Folder';

/** What a restore does with one item, or one group. */
export interface PlannedItem {
  itemId: string;
  title: string;
  type: string;
  owner: string;
  state: ItemState;
  mode: Mode;
  /** commit of the version */
  commit: string;
  /** when that was saved, epoch ms; older plans do not say, nor those of groups */
  savedAt?: number;
  steps: PlannedStep[];
  /** what of the living item is replaced */
  overwrites: string[];
  /** of a hosted layer whose rows are put back */
  layers?: PlannedLayer[];
  /** why nothing is done with it; null when it is */
  blocked: Failure | null;
}

/** A sentence about an item, or about all (itemId null). */
export interface PlanWarning {
  code:
    | 'NEWER'
    | 'SHARED_WIDER'
    | 'UNPROVEN'
    | 'GROUP_GONE'
    | 'OWNER_CHANGED'
    | 'BY_HAND'
    | 'NOT_SAVED'
    | 'NAME_TAKEN'
    | 'CATEGORY_GONE'
    | 'CREDITS'
    | 'ITEM_GONE';
  itemId: string | null;
  message: string;
}

/** A living item that names something by a name that this has no more, for it was made anew. */
export interface Pointing {
  itemId: string;
  title: string;
  type: string;
  owner: string;
  /** old ids of items, groups and folders, and old addresses of services */
  names: string[];
}

/** What a restore would do, or does. */
export interface Plan {
  planId: string;
  target: { portal: string; organization: string; account: string };
  /** the time that was asked for */
  at: string;
  items: PlannedItem[];
  /** ids in the order in which they are put back */
  order: string[];
  /** what the items name and nobody has any more */
  dangling: { itemId: string; names: string }[];
  /** living items that name what is made anew as it was called; with `repoint` they are among `items` too. Older plans have none */
  pointing?: Pointing[];
  needs: { privileges: string[]; requests: number; bytes: number };
  warnings: PlanWarning[];
}

/** The items of a plan in the order in which they are put back; what is not put back comes last. */
export function itemsInOrder({ items, order }: Pick<Plan, 'items' | 'order'>): PlannedItem[] {
  const place = new Map(order.map((id, n) => [id, n]));
  const placeOf = ({ itemId }: PlannedItem) => place.get(itemId) ?? order.length;
  return items.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** How an item came out. */
export type ItemOutcome = 'restored' | 'equivalent' | 'different' | 'failed';

/** What became of one item. */
export interface RestoredItem {
  itemId: string;
  /** older ends do not have it */
  title?: string;
  newId: string | null;
  mode: Mode;
  outcome: ItemOutcome;
  differences: Difference[];
  /** of one that failed */
  code: string | null;
  message: string | null;
  /** what to do about it; older ends do not have it */
  hint?: string;
}

/** What a restore is at, in words. */
export const phaseNames = {
  before: 'Saving what is there now',
  making: 'Making what is gone',
  filling: 'Putting back, and comparing',
} as const;

/** The end of a restore. */
export interface RestoreResult {
  restoreId: string;
  outcome: 'complete' | 'partial' | 'failed';
  /** ids of what was made anew, by the old ones */
  ids: Record<string, string>;
  items: RestoredItem[];
  /** the commit that holds what was there before; null when nothing living was touched */
  beforeCommit: string | null;
  /** living items that name what was made anew as it was called, and were not re-pointed. Older ends have none */
  pointing?: Pointing[];
}
