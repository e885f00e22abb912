import type { Manifest, Part, SavedLayer } from './item.ts';
import { numberOf, oneLine, readable, titleOf } from './words.ts';

/** What may be a loss, although the portal says it is so. */
export type WarningCode = 'ROWS_LOST' | 'LAYER_LOST' | 'FIELD_LOST' | 'CONTENT_SHRUNK' | 'MADE_PUBLIC' | 'MANY_REMOVED';

/** One warning, with the item as it was before and as it is. It changes no outcome. */
export interface ContentWarning {
  code: WarningCode;
  /** null where it is about a member */
  itemId: string | null;
  title: string;
  owner: string;
  /** a sentence for people */
  message: string;
  before: string | number | null;
  after: string | number | null;
  /** the commands that show what changed, and that take out what was as files; null where there is none */
  show: string | null;
  restore: string | null;
}

/** A layer's fields by their names, as its definition has them. */
export interface LayerFields {
  id: number;
  name: string;
  fields: readonly string[];
}

/** What of a version is compared. */
export interface VersionFacts {
  manifest: Pick<Manifest, 'id' | 'title' | 'owner' | 'parts' | 'layers'>;
  /** whom the record shares it with; undefined where it is not known */
  access?: string | undefined;
  /** undefined where the definition is not known, or did not change */
  fields?: readonly LayerFields[] | undefined;
}

/** Rows that a layer may always lose without a warning. */
const fewRows = 10;
/** Items of one member that may always go at once without a warning. */
const fewItems = 10;

/**
 * What a version lost that the one before had.
 * @param rowsLost share of a layer's rows whose loss is a warning
 * @param at the commit of the version before
 */
export function warningsOf(
  before: VersionFacts,
  after: VersionFacts,
  { rowsLost, at }: { rowsLost: number; at: string },
): ContentWarning[] {
  const { id, title, owner } = after.manifest;
  const short = at.slice(0, 12);
  const about = {
    itemId: id,
    title: oneLine(title),
    owner,
    show: `ago-backup diff ${id} ${short}`,
    restore: `ago-backup get ${id} --at ${short} --to restored`,
  };
  const lost = [
    ...layersLost(before.manifest.layers, after.manifest.layers),
    ...rowsLostOf(before.manifest.layers, after.manifest.layers, rowsLost),
    ...fieldsLost(before.fields, after.fields),
    ...shrunk(before.manifest.parts, after.manifest.parts),
    ...madePublic(before.access, after.access),
  ];
  return lost.map((each) => ({ ...about, ...each }));
}

/**
 * Of one member ten items and a tenth of all went at once.
 * @param all how many the archive had of the member before @param at the commit of before
 */
export function manyRemoved(owner: string, removed: number, all: number, at: string | null): ContentWarning[] {
  if (removed < fewItems || removed * 10 < all) return [];
  return [
    {
      code: 'MANY_REMOVED',
      itemId: null,
      title: '',
      owner,
      message: `${numberOf(removed, 'item')} of ${numberOf(all, 'item')} of member ${oneLine(owner)} were deleted from the portal at once.`,
      before: all,
      after: all - removed,
      show: `ago-backup ls --deleted --user ${quoted(owner)}`,
      restore: at && `ago-backup get --user ${quoted(owner)} --at ${at.slice(0, 12)} --to restored`,
    },
  ];
}

type Lost = Pick<ContentWarning, 'code' | 'message' | 'before' | 'after'>;

/** Where layers are not known of one side, nothing is lost that can be told. */
function layersLost(before: readonly SavedLayer[] = [], after?: readonly SavedLayer[]): Lost[] {
  if (after === undefined) return [];
  const gone = before.filter(({ id }) => !after.some((layer) => layer.id === id));
  return gone.map(({ name, rows }) => ({
    code: 'LAYER_LOST',
    message: `The layer "${oneLine(name, 100)}" is gone${rows === null ? '' : `, with ${numberOf(rows, 'row')}`}.`,
    before: rows ?? name,
    after: null,
  }));
}

function rowsLostOf(before: readonly SavedLayer[] = [], after: readonly SavedLayer[] = [], share: number): Lost[] {
  return before.flatMap(({ id, name, rows }) => {
    const now = after.find((layer) => layer.id === id)?.rows ?? null;
    if (rows === null || now === null || now >= rows) return [];
    const lost = rows - now;
    if (now > 0 && (lost <= fewRows || lost <= share * rows)) return [];
    const message = `The layer "${oneLine(name, 100)}" had ${numberOf(rows, 'row')} and has ${now}.`;
    return [{ code: 'ROWS_LOST' as const, message, before: rows, after: now }];
  });
}

function fieldsLost(before: readonly LayerFields[] = [], after: readonly LayerFields[] = []): Lost[] {
  return before.flatMap(({ id, name, fields }) => {
    const now = after.find((layer) => layer.id === id);
    const gone = now === undefined ? [] : fields.filter((field) => !now.fields.includes(field));
    return gone.map((field) => ({
      code: 'FIELD_LOST' as const,
      message: `The field "${oneLine(field, 100)}" of the layer "${oneLine(name, 100)}" is gone.`,
      before: field,
      after: null,
    }));
  });
}

/** A file that became empty, or lost nine tenths. */
function shrunk(before: readonly Part[], after: readonly Part[]): Lost[] {
  const isFile = ({ role }: Part) => role === 'data' || role === 'resource';
  return before.filter(isFile).flatMap(({ path, role, size }) => {
    // An item has one file, whatever it is called by now; a resource that is gone was deleted.
    const now = after.find((part) => (role === 'data' ? part.role === role : part.path === path));
    const left = now?.size ?? (role === 'data' ? 0 : size);
    if (size === 0 || left * 10 > size) return [];
    const message = `The file ${oneLine(path, 100)} had ${readable(size)} and has ${readable(left)}.`;
    return [{ code: 'CONTENT_SHRUNK' as const, message, before: size, after: left }];
  });
}

function madePublic(before: string | undefined, after: string | undefined): Lost[] {
  if (before === undefined || before === 'public' || after !== 'public') return [];
  return [{ code: 'MADE_PUBLIC', message: 'The item is shared with everybody now.', before, after }];
}

/** A warning for people, on one line. */
export function warningText({ code, itemId, title, owner, message }: ContentWarning): string {
  const what = itemId === null ? '' : `${titleOf({ title, itemId })} (${itemId}, ${oneLine(owner)}): `;
  return `${code}: ${what}${message}`;
}

/** What to type after a warning; nothing where there is no command. */
export function warningCure({ show, restore }: ContentWarning): string {
  return [show && `See: ${show}`, restore && `As files: ${restore}`].filter(Boolean).join('   ');
}

function quoted(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : `"${text}"`;
}
