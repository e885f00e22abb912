import type { CheckCursor } from '../../git/pack/pack-check.ts';
import type { Bits } from './bits.ts';
import type { Finding } from './finding.ts';
import type { Share } from './large.ts';

/** ETags of a pack and its index when they were read; null where one was not there. */
export type PackEtags = [pack: string | null, index: string | null];

/** A pack that was read, and of each of its objects, by its place in the index, what is known. */
export interface ReadPack {
  name: string;
  etags: PackEtags;
  findings: Finding[];
  /** objects; 0 where it has no index, and none could be made */
  count: number;
  /** whole, and what their ids say */
  sound: Bits;
  /** files that are some backup.json which names Git LFS objects */
  naming: Bits;
  /** met by the walk of the history */
  met: Bits;
  /** met by it inside of an item */
  metInItem: Bits;
  /** made of the pack, where the store's does not fit */
  index?: Uint8Array | undefined;
}

/** A large pack in the middle of its reading. */
export interface Reading {
  name: string;
  etags: PackEtags;
  at: CheckCursor;
  sound: Bits;
  naming: Bits;
  /** sound, or deltas that nobody can judge alone */
  held: Bits;
}

/** A pack that no list names. */
export interface Unlisted {
  etags: PackEtags;
  isSpoiled: boolean;
}

/** Findings of one kind: as many as anybody reads. */
export interface Found {
  findings: Finding[];
  /** what an administrator had accepted when it was found: apart, so that many of them cannot crowd out new damage */
  accepted: Finding[];
  /** those beyond */
  more: number;
}

/** The Git LFS objects that there were, and what is known of each. */
export interface LargeState {
  /** all of them, in the order of their names, 40 bytes each; see large-list.ts */
  list: Uint8Array | null;
  /** named by some commit, by their place in the list */
  named: Bits;
  /** named by some commit, and not in the list */
  namedElsewhere: Set<string>;
  /** how many of the list were looked at */
  looked: number;
  read: number;
  readBytes: number;
  /** those of the share that are not what their names say: what they are; empty when gone */
  spoiled: Map<string, string>;
  /** named, and not as they must be: where they are named, and their length by the name */
  wrong: Map<string, { size: number; where: string }>;
  /** wrong ones beyond those that anybody reads */
  more: number;
  /** ids of items of the latest commit that need one which is wrong */
  current: Map<string, string>;
}

/** A folder that the walk has still to read: its id, where it lies, is it in an item? */
export type Ahead = [oid: string, where: string, inItem: boolean];

/** How far the walk of the history has come. */
export interface WalkState {
  isDone: boolean;
  /** commits still to come, the next one first */
  commits: string[];
  /** the commit whose folders are read */
  commit: string | null;
  /** of that commit, the next one last */
  folders: Ahead[];
  /** met in no pack that was read */
  elsewhere: Set<string>;
  counts: { commits: number; trees: number; files: number };
  found: Found;
}

/** How far the look at the items of the latest commit has come. */
export interface ItemsState {
  isDone: boolean;
  /** members that are done, in the order of their folders */
  members: number;
  /** items of the next member that are done */
  places: number;
  /** of that member, ids that were seen, and those that its derived index tells otherwise */
  ids: Set<string>;
  odd: Set<string>;
  /** of that member, items whose backup.json cannot be read */
  unread: number;
  counts: { items: number; parts: number };
  /** states of gaps that are accepted, by what they are accepted as */
  gaps: Map<string, string>;
  found: Found;
}

/** All that a verification knows so far: plain data, so that another process can go on with it. */
export interface State {
  format: 1;
  share: Share;
  /** objects that were accepted when it began */
  accepted: string[];
  /** the commit that is verified; null where the branch names none */
  head: string | null;
  /** parts that were done before */
  parts: number;
  packs: ReadPack[];
  reading: Reading | null;
  unlisted: Map<string, Unlisted>;
  /** Was everything that is listed read, when it was looked at last? */
  arePacksRead: boolean;
  large: LargeState;
  walk: WalkState;
  items: ItemsState;
  /** segments of the history index, by their blobs, as far as they were compared with the commits */
  segments: Map<string, { isDone: boolean; commits: number; finding: Finding | null }>;
  isIndexRead: boolean;
}

/** Nothing found yet. */
export const nothingFound = (): Found => ({ findings: [], accepted: [], more: 0 });

/** The walk of the history from this commit, before its first step. */
export const newWalk = (head: string | null): WalkState => ({
  isDone: false,
  commits: head === null ? [] : [head],
  commit: null,
  folders: [],
  elsewhere: new Set(),
  counts: { commits: 0, trees: 0, files: 0 },
  found: nothingFound(),
});

/** The look at the items, before the first one. */
export const newItems = (): ItemsState => ({
  isDone: false,
  members: 0,
  places: 0,
  ids: new Set(),
  odd: new Set(),
  unread: 0,
  counts: { items: 0, parts: 0 },
  gaps: new Map(),
  found: nothingFound(),
});

/** A verification before its first step. */
export function newState(share: Share, accepted: string[], head: string | null): State {
  const large: LargeState = {
    list: null,
    named: new Uint8Array(0),
    namedElsewhere: new Set(),
    looked: 0,
    read: 0,
    readBytes: 0,
    spoiled: new Map(),
    wrong: new Map(),
    more: 0,
    current: new Map(),
  };
  return {
    format: 1,
    share,
    accepted,
    head,
    parts: 0,
    packs: [],
    reading: null,
    unlisted: new Map(),
    arePacksRead: false,
    large,
    walk: newWalk(head),
    items: newItems(),
    segments: new Map(),
    isIndexRead: false,
  };
}
