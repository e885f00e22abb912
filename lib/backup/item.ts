import type { Note } from './notes.ts';

/** The words of the domain. Plain data; everything here travels through blobs as JSON. */

/** A folder of a member's content. Items outside any folder have none. */
export interface Folder {
  id: string;
  title: string;
  /** epoch ms */
  created: number;
}

/**
 * An item as the content listing gives it: the fields we decide on, and all the others untouched.
 * https://developers.arcgis.com/rest/users-groups-and-items/item/
 */
export interface Item {
  id: string;
  owner: string;
  title: string | null;
  type: string;
  typeKeywords: readonly string[];
  tags: readonly string[];
  /** the file's name for file items, the service's name for hosted services */
  name: string | null;
  url: string | null;
  /** bytes; -1 or missing when unknown */
  size: number;
  /** epoch ms */
  created: number;
  /** epoch ms; 0 when the portal does not say */
  modified: number;
  /** folder id */
  ownerFolder: string | null;
  /** what the portal's record has in those of its fields that are not as their documentation says; null for none */
  odd?: Readonly<Record<string, unknown>> | undefined;
  [field: string]: unknown;
}

/** What a part of an item is. */
export type Role = 'data' | 'export' | 'metadata' | 'record' | 'thumbnail' | 'resource' | 'info' | 'layers' | 'related';

/** One saved file of an item; `path` is relative to the item's folder. */
export interface Part {
  path: string;
  role: Role;
  /** bytes */
  size: number;
  sha256: string;
  /** stored as a Git LFS object, with a pointer in git */
  lfs: boolean;
  /** as the portal calls it, where that is not the path */
  name?: string | undefined;
  /** only its owner and administrators see it */
  private?: true | undefined;
}

/** A layer or table of a hosted service, as the portal counted it when it was saved. */
export interface SavedLayer {
  id: number;
  name: string;
  /** null: the service would not count them */
  rows: number | null;
  /** null: not counted */
  attachments: number | null;
  /** the highest object id, of layers that tell no edit dates; the next run compares with it and with `rows` */
  lastRow?: number | null | undefined;
}

/** A part that could not be had this time, for a reason that another night may not have: the tree keeps the version it had. */
export interface Gap {
  /** its path; `resources` when their list could not be had */
  part: string;
  code: string;
}

/** What `backup.json` holds: what was saved of one item. */
export interface Manifest {
  /** 1: its notes were sentences, which is how they are written again; 1.1: they have codes */
  format: 1 | 1.1;
  id: string;
  owner: string;
  /** the folder's title; `None` outside any folder */
  folder: string;
  /** null outside any folder; tells a folder from another of the same name */
  folderId: string | null;
  type: string;
  title: string;
  stamp: string;
  parts: readonly Part[];
  /** of hosted services; older archives do not have it */
  layers?: readonly SavedLayer[] | undefined;
  /** address of the service that it is; older archives do not have it, nor what it uses */
  service?: string | undefined;
  /** ids of items, and addresses of services, that its record, data, resources and relations name */
  uses?: readonly string[] | undefined;
  /** what the portal did not have, and other things a reader should know */
  notes: readonly Note[];
  /** what could not be had when this was saved, by part; absent when nothing */
  gaps?: readonly Gap[] | undefined;
}

/** One item of the archive, as the index of its member lists it. `path` is relative to the member's folder. */
export interface Saved extends Manifest {
  path: string;
}

/** All items of one member in one tree, by item id. */
export type Index = Readonly<Record<string, Saved>>;
