import type { Gap, Part, Saved } from '../item.ts';
import { says } from '../notes.ts';

/** Of a service whose rows cannot be had layer by layer: what of the version before stays. */

/** Where all that is read row by row lies; as a gap, that not even the list of layers could be had. */
export const rowsFolder = 'features';

const below = /^features\/(?:attachments\/)?(\d+)(?:[ /]|$)/;

/** The layer that a path below `features` belongs to; undefined of other paths. */
export function layerOfPath(path: string): number | undefined {
  const found = below.exec(path)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Is it about rows of a service, or their attachments? */
export function isAboutRows(part: string | undefined): boolean {
  return part === rowsFolder || part?.startsWith(`${rowsFolder}/`) === true;
}

/** Have rows or attachments been lacking when the version was saved? Then they are due again. */
export function lacksRows({ gaps = [] }: Pick<Saved, 'gaps'>): boolean {
  return gaps.some(({ part }) => isAboutRows(part));
}

/** Could the version not even ask for the list of layers, or was there no service? */
export function wasListless(saved: Pick<Saved, 'gaps' | 'notes'> | undefined): boolean {
  if (saved === undefined) return false;
  return says(saved.notes, 'SERVICE_GONE') || saved.gaps?.some(({ part }) => part === rowsFolder) === true;
}

/** What of a layer is to be read again where nothing changed since: all, nothing, or attachments, by their paths. */
export type Lacking = 'all' | ReadonlySet<string>;

/** All of every layer is where their list was lacking, or where a gap names no layer. */
export function lackingOf(gaps: readonly Gap[], layer: number | undefined): Lacking {
  const paths = gaps.map(({ part }) => part).filter(isAboutRows);
  const ours = paths.filter((path) => [undefined, layer].includes(layerOfPath(path)));
  return ours.every((path) => rowOfPath(path) !== undefined) ? new Set(ours) : 'all';
}

/** The row of an attachment's path; undefined of other paths. */
export function rowOfPath(path: string): number | undefined {
  const found = /^features\/attachments\/\d+\/(\d+)\/./.exec(path)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** How far a service could be read. */
export interface RowsRead {
  /** layers that were read, attachments aside */
  read: ReadonlySet<number>;
  /** layers that could not be read, or were not due; undefined: not even their list is known */
  others: ReadonlySet<number> | undefined;
}

/**
 * The parts with rows of the version before that stay: those of layers that were not read this time; and an export of the whole
 * service, as long as one of these has its rows nowhere else.
 */
export function rowsThatStay(saved: readonly Part[], { read, others }: RowsRead): Part[] {
  const exported = saved.filter(({ role }) => role === 'export');
  const rows = exported.filter(({ path }) => {
    const layer = layerOfPath(path);
    return layer !== undefined && !read.has(layer) && others?.has(layer) !== false;
  });
  const documents = new Set(rows.filter(isDocument).map(({ path }) => layerOfPath(path)));
  const isNeeded = others === undefined || [...others].some((layer) => !documents.has(layer));
  const whole = exported.filter(({ path }) => layerOfPath(path) === undefined);
  return isNeeded ? [...rows, ...whole] : rows;
}

const isDocument = ({ path }: Part) => isDocumentPath(path);

/** Is it where the rows of one layer lie? */
export function isDocumentPath(path: string | undefined): boolean {
  return path?.startsWith(`${rowsFolder}/`) === true && !path.startsWith(`${rowsFolder}/attachments/`);
}
