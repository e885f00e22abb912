/** The words of the simulated portal: what it holds, apart from how it answers. */
import type { Content } from './content.ts';

/** A member, a system user or the account of the backup. */
export interface Account {
  username: string;
  /** null: signs in elsewhere (SAML), generateToken refuses it */
  password: string | null;
  fullName: string;
  email: string;
  role: 'org_admin' | 'org_publisher' | 'org_user';
  /** of a role of the organization's own, which stands in place of `role` on the wire; `privileges` are all that it adds */
  roleId?: string;
  /** beyond the role, e.g. portal:admin:viewItems */
  privileges: string[];
  disabled: boolean;
  /** a role that may look and export, and change nothing: 403 at every write. Default false */
  readsOnly?: boolean;
  /** created by Esri (esri_*); left out with excludeSystemUsers */
  system: boolean;
  access: 'private' | 'org' | 'public';
  /** epoch ms */
  created: number;
  /** epoch ms; -1 never */
  lastLogin: number;
}

/** A folder of a member's content. */
export interface PortalFolder {
  username: string;
  id: string;
  title: string;
  created: number;
}

/** What goes over the wire of an item, except that `url` may hold {portal} or {foreign} for an address not known before. */
export interface ItemRecord {
  id: string;
  owner: string;
  title: string | null;
  type: string;
  name: string | null;
  typeKeywords: string[];
  tags: string[];
  url: string | null;
  size: number;
  created: number;
  modified: number;
  ownerFolder: string | null;
  protected: boolean;
  access: 'private' | 'shared' | 'org' | 'public';
  thumbnail: string | null;
  snippet: string | null;
  numViews: number;
  [field: string]: unknown;
}

/** A file beside an item. */
export interface Resource {
  content: Content;
  access: 'inherit' | 'private';
  created: number;
}

/** One relationship of an item, e.g. Survey2Service forward. */
export interface Relation {
  type: string;
  direction: 'forward' | 'reverse';
  id: string;
}

/** What /data says when there are no bytes: an empty answer, or one of the two errors of the real portal. */
export type Missing = 'empty' | 'noFile' | 'noSection';

/** An item and everything that belongs to it. */
export interface PortalItem {
  record: ItemRecord;
  data: Content | null;
  missing: Missing;
  metadata: Content | null;
  /** files under info/, by path, e.g. thumbnail/x.png */
  infos: Map<string, Content>;
  resources: Map<string, Resource>;
  groups: Set<string>;
  relations: Relation[];
  /** deleted without permanentDelete */
  recycled: boolean;
  service: Service | null;
  job: ExportJob | null;
  /** of large files, in parts: what has come, and what became of it */
  upload?: Upload | null;
  /** the job that publishes it */
  publishing?: { jobId: string; polls: number; end: 'completed' | 'failed' | 'never'; message: string } | null;
  /** what readers still see after a change, so many times */
  stale?: { record: ItemRecord; data: Content | null; left: number } | null;
}

/** A file that comes in parts (restore.md 1.3). */
export interface Upload {
  name: string;
  /** by number, from 1; one that comes again takes the place of the first */
  parts: Map<number, Content>;
  /** partial until it is committed */
  state: 'partial' | 'processing' | 'completed' | 'failed';
  /** answers `processing` that are still to come */
  polls: number;
  end: 'completed' | 'failed' | 'never';
}

/** A node of the organization's schema of categories; the path of an item's category begins with /Categories. */
export interface Category {
  title: string;
  description?: string;
  categories?: Category[];
}

/** The edit dates of a layer or table, epoch ms; older services have only the first, some layers none at all. */
export interface EditingInfo {
  lastEditDate?: number;
  schemaLastEditDate?: number;
  dataLastEditDate?: number;
}

/** A layer or a table of a service. */
export interface Layer {
  id: number;
  name: string;
  type: 'Feature Layer' | 'Table';
  editingInfo: EditingInfo | null;
  rows: Row[];
  /** what its shapes are, where they are no plain points */
  shape?: Shape;
  /** what it says of itself beside the plain things: its own fields, and all that it was defined with */
  definition?: Definition;
  /** number of the next row */
  next?: number;
  /** in a list of values a global id is met by its own spelling alone */
  comparesText?: boolean;
  /** of a layer of a view: what it shows. It holds the very rows of that layer */
  source?: { itemId: string; layerId: number };
}

/** A layer as its JSON describes it. */
export interface Definition {
  fields: Field[];
  [name: string]: unknown;
}

/** A field of a layer. */
export interface Field {
  name: string;
  /** e.g. esriFieldTypeString */
  type: string;
  alias?: string;
  length?: number;
  nullable?: boolean;
  [name: string]: unknown;
}

/** As a layer describes its shapes. */
export interface Shape {
  geometryType?: string;
  hasZ?: boolean;
  hasM?: boolean;
  supportsTrueCurve?: boolean;
  supportedQueryFormats?: string;
  /** answers in Esri's JSON whatever it is asked for */
  ignoresFormat?: boolean;
  wkid?: number;
}

/** A file at a row. */
export interface Attachment {
  id: number;
  name: string;
  content: Content;
  keywords?: string;
  exifInfo?: unknown;
  globalId?: string;
}

/** A row; points lie at (id, id), at the height 10 id, with the measure 100 id. */
export interface Row {
  id: number;
  name: string | null;
  /** epoch ms */
  day: number | null;
  attachments: Attachment[];
  /** by field, without the object id, where the layer has fields of its own */
  values?: Record<string, unknown>;
  /** in Esri's JSON, where it is no point */
  geometry?: { curvePaths?: unknown; curveRings?: unknown; [key: string]: unknown };
}

/** A feature service. */
export interface Service {
  name: string;
  itemId: string;
  layers: Layer[];
  tables: Layer[];
  hosted: boolean;
  /** item id of the service that this one is a view of */
  viewOf: string | null;
  capabilities: string;
  /** bytes of a generated export; null: the real fixture file */
  exportBytes: number | null;
  /** what it was defined with, as its JSON says it */
  definition?: Record<string, unknown>;
  /** copies on devices that have not come back yet */
  replicas?: { replicaName: string; replicaID: string }[];
  /** of tiles: the sum of the package that they came out of; null of what was published without any */
  tiles?: string | null;
}

/** A group. */
export interface Group {
  id: string;
  title: string;
  owner: string;
  access: 'private' | 'org' | 'public';
  members: Set<string>;
  items: Set<string>;
  created: number;
  /** e.g. updateitemcontrol: what is shared with it may be changed by all members */
  capabilities?: string[];
  /** managers besides the owner */
  admins?: Set<string>;
  /** its other fields, as they go over the wire, e.g. tags, properties, protected */
  more?: Record<string, unknown>;
  picture?: Content;
}

/** The job behind an exported item. */
export interface ExportJob {
  jobId: string;
  serviceItemId: string;
  format: string;
  /** answers `processing` that are still to come */
  polls: number;
  end: 'completed' | 'failed' | 'never';
  message: string;
  /** /data refusals that are still to come after the end */
  unready: number;
  content: Content;
  done: boolean;
}
