/** How a portal that is changed behaves, where portals differ or nobody knows; a test may change it at any time. */
export interface WriteRules {
  /** itemIdToCreate: Enterprise honours it, Online says success with another id (restore.md 0). Default ignored */
  wishedIds: 'ignored' | 'honoured';
  /** every so many-th added resource is said to be there and is not (restore.md 0); 0: none. Default 0 */
  loseResource: number;
  /** so many readings of an item show it as it was before its last update. Default 0 */
  staleReads: number;
  /** deleting puts into a bin, or there is none, or it was switched off. Default on */
  bin: 'on' | 'off' | 'unsupported';
  /** item types that no bin takes: they are gone at once */
  binRefuses: string[];
  /** does the bin keep the names of hosted layers taken? (restore.md 0). Default true */
  binBlocksNames: boolean;
  /** every change is refused, as by an Enterprise that is being kept up. Default false */
  readOnly: boolean;
  /** what the organization has left; at 0 and below nothing new is made, and what is there may be changed. Null: not told. Default null */
  credits: number | null;
  /** an administrator makes items, folders and services under another member's name (restore.md 3.1). Default works */
  underOther: 'works' | 'refused';
  /** no two files of one name: in one folder of a member, or of one member (restore.md 3.1). Default folder */
  fileNames: 'folder' | 'member';
  /** no part of an upload but the last may be smaller. Default 5 MiB */
  leastPart: number;
  /** how a commit with async=true goes: answers `processing` before its end. Default 1 */
  commitPolls: number;
  commitEnds: 'completed' | 'failed' | 'never';
  /** a body without length may be no larger. Default 50 MiB */
  mostChunked: number;
  /** the title in metadata.xml becomes that of the item (restore.md 1.4). Default false */
  metadataSetsTitle: boolean;
  /** may metadata.xml be kept at all? Default true */
  keepsMetadata: boolean;
  /** an item with a category that the schema lacks: it loses that silently, or keeps it. Default dropped */
  unknownCategories: 'dropped' | 'kept';
  /** does the search not know items yet that were made through the API? Default false */
  searchLags: boolean;
  /** does a group keep the capabilities and the membershipAccess that it was made with? (restore.md 4). Default true */
  groupsKeep: boolean;
  /** members whom no group may add */
  notAdded: string[];
  /** does portals/self tell of the bin? Default false, as where it was never switched on (restore.md 1.1) */
  tellsBin: boolean;
  /** is every name of a service said to be free, also one that is taken? Default false (restore.md 3.1) */
  namesLie: boolean;
  /** answers before a job of a service ends. Default 1 */
  jobPolls: number;
  /** changes of a definition and truncating fail when they are jobs. Default false */
  failedJobs: boolean;
  /** how jobs of services say that they failed (restore.md 2.1). Default Failed */
  failedWord: 'Failed' | 'failed';
  /** truncating is refused with this message, whatever the layer says. Default null */
  truncateRefused: string | null;
  /** the global ids of rows that append or publish loads (restore.md 2.2). Default kept */
  appendGlobalIds: 'kept' | 'new';
  /** attachments of rows that an append of a whole service loads; that of a layer never has any. Default carried */
  appendAttachments: 'carried' | 'dropped';
  /** an append that fails has loaded half of the rows. Default completed */
  appendEnds: 'completed' | 'failed';
  /** does rollbackOnFailure=true take these back? Default true */
  appendRollsBack: boolean;
  /** the error of a publish, which looks like a success (restore.md 3.1). Default null */
  publishRefuses: string | null;
  /** answers `processing` before it ends. Default 1 */
  publishPolls: number;
  publishEnds: 'completed' | 'failed' | 'never';
  /** a publish that ends well has no rows. Default false */
  publishEmpty: boolean;
  /** layers of views are numbered anew, whatever is wished. Default false */
  viewsReorder: boolean;
  /** fields get names in small letters, whatever is wished, as on Enterprise (restore.md 3.2). Default false */
  smallFields: boolean;
  /** switching the tracking of editors on again makes new fields (restore.md 2.2). Default false */
  trackingRenews: boolean;
}

/** How it goes when a test says nothing. */
export const usualWriting: WriteRules = {
  wishedIds: 'ignored',
  loseResource: 0,
  staleReads: 0,
  bin: 'on',
  binRefuses: [],
  binBlocksNames: true,
  readOnly: false,
  credits: null,
  underOther: 'works',
  fileNames: 'folder',
  leastPart: 5 * 1024 * 1024,
  commitPolls: 1,
  commitEnds: 'completed',
  mostChunked: 50 * 1024 * 1024,
  metadataSetsTitle: false,
  keepsMetadata: true,
  unknownCategories: 'dropped',
  searchLags: false,
  groupsKeep: true,
  notAdded: [],
  tellsBin: false,
  namesLie: false,
  jobPolls: 1,
  failedJobs: false,
  failedWord: 'Failed',
  truncateRefused: null,
  appendGlobalIds: 'kept',
  appendAttachments: 'carried',
  appendEnds: 'completed',
  appendRollsBack: true,
  publishRefuses: null,
  publishPolls: 1,
  publishEnds: 'completed',
  publishEmpty: false,
  viewsReorder: false,
  smallFields: false,
  trackingRenews: false,
};
