import type { FeatureFile, LostFiles } from '../../arcgis/layers/feature-files.ts';
import type { LayerRows } from '../../arcgis/layers/features.ts';
import { isDocumentPath, layerOfPath, rowOfPath } from '../../backup/layers/kept-rows.ts';
import type { Part } from '../../backup/item.ts';
import { oneLine } from '../../backup/words.ts';
import { isRefusal } from '../../arcgis/connection/portal-error.ts';
import { BackupError, isCode } from '../../errors.ts';
import type { ItemParts } from './item-parts.ts';
import type { ItemDeps, Taken } from './stage-part.ts';
import { stage, takeRows } from './take-rows.ts';
import type { Piece } from './unfinished.ts';

/** How often a layer is read whose rows come and go meanwhile, or do not all come. */
const mostTries = 3;

/** Attachments of a layer that are told one by one when they cannot be had. */
const mostTold = 50;

/**
 * The files of a layer. What moves while it is read is read again; where a server refuses GeoJSON, or fails over it, Esri's own
 * JSON is tried. An attachment that cannot be had keeps the version it had, and costs nothing else.
 */
export async function takeLayer(deps: ItemDeps, into: ItemParts, layer: LayerRows): Promise<Taken[]> {
  const { left } = deps.room;
  let { form, otherForm } = layer;
  for (let tries = 1; ; tries++) {
    deps.room.left = left;
    try {
      return await takeFiles(deps, into, layer, form);
    } catch (error) {
      const mayHoldStill = isCode(error, 'LISTING_INCOMPLETE', 'ITEM_TRUNCATED') && tries < mostTries;
      const isRefused = isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED');
      if (mayHoldStill) continue;
      if (!isRefused || otherForm === undefined) throw error;
      form = otherForm;
      otherForm = undefined;
    }
  }
}

/** The attachments that were lacking, of a layer that is otherwise as it was. @param lacking their paths */
export async function takeLacking(
  deps: ItemDeps,
  into: ItemParts,
  layer: LayerRows,
  lacking: ReadonlySet<string>,
): Promise<Taken[]> {
  const taken: Taken[] = [];
  const rows = [...new Set([...lacking].flatMap((path) => rowOfPath(path) ?? []))].sort((a, b) => a - b);
  if (rows.length === 0) return taken;
  const isRows = ({ path }: Part) => isDocumentPath(path) && layerOfPath(path) === layer.id;
  const attachments = new Attachments(deps, into, layer, into.saved(isRows)[0]?.path ?? layer.path);
  const left = new Set(lacking);
  try {
    for await (const file of layer.attachments(rows)) {
      if (left.delete(file.path)) taken.push(...(await attachments.take(file)));
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    for (const folder of left) await attachments.lose({ folder, error });
  }
  attachments.keep(taken);
  return taken;
}

async function takeFiles(deps: ItemDeps, into: ItemParts, layer: LayerRows, form: LayerRows['form']): Promise<Taken[]> {
  const taken: Taken[] = [];
  const attachments = new Attachments(deps, into, layer, layer.pathOf(form));
  for await (const file of layer.files(form)) {
    if ('error' in file) await attachments.lose(file);
    else if (file.isBeside) taken.push(...(await attachments.take(file)));
    else taken.push(await takeRows(deps, into.unfinished, layer, file));
  }
  attachments.keep(taken);
  return taken;
}

/** The attachments of one layer, each by itself. */
class Attachments {
  readonly #deps: ItemDeps;
  readonly #into: ItemParts;
  readonly #folder: string;
  readonly #document: string;
  /** what the archive has, by path */
  readonly #before: ReadonlyMap<string, Part>;
  /** files and folders that could not be had */
  readonly #lacking = new Set<string>();
  #told = 0;

  /** @param document path of the rows that they belong to */
  constructor(deps: ItemDeps, into: ItemParts, { id: layer }: LayerRows, document: string) {
    this.#deps = deps;
    this.#into = into;
    this.#document = document;
    this.#folder = `features/attachments/${layer}`;
    const isOurs = ({ path }: Part) => layerOfPath(path) === layer && path.startsWith(`${this.#folder}/`);
    this.#before = new Map(into.saved(isOurs).map((part) => [part.path, part]));
  }

  /** Nothing when it cannot be had, which is told. */
  async take(file: FeatureFile): Promise<Taken[]> {
    const { room } = this.#deps;
    const read = async () => ({ taken: await stage(this.#deps, file) });
    const answer = await this.#ask(file.path, () => this.#into.unfinished.once(file.path, room, read));
    return typeof answer === 'string' ? [] : [answer.value];
  }

  async lose({ folder, error }: LostFiles): Promise<void> {
    await this.#ask(folder, () => Promise.reject(error));
  }

  /** A refusal is told in a note of the rows, which stays as long as they do. */
  async #ask(path: string, read: () => Promise<Piece>): Promise<{ value: Taken } | string> {
    const name = this.#told < mostTold ? path : this.#folder;
    const asked = () =>
      read().catch((error: unknown) => (isRefusal(error) ? 'refused' : Promise.reject(error as Error)));
    const answer = await this.#into.ask(name, asked, { had: true });
    if (typeof answer === 'object' && typeof answer.value === 'object' && answer.value.taken)
      return { value: answer.value.taken };
    this.#told += 1;
    this.#lacking.add(path);
    if (answer === 'lacking') return answer;
    const does = answer === 'none' ? 'lists, but does not have' : 'refuses';
    const what = `The service ${does} ${oneLine(name)}; a version that was saved stays.`;
    this.#into.note('ATTACHMENT_LACKING', what, this.#document);
    return 'lacking';
  }

  /** Lets stay what the archive has of all that could not be had. */
  keep(taken: readonly Taken[]): void {
    if (this.#lacking.size === 0) return;
    const now = new Set(taken.map(({ part }) => part.path));
    for (const part of this.#before.values()) {
      if (now.has(part.path) || !this.#isLacking(part.path)) continue;
      this.#into.stay(part);
    }
  }

  #isLacking(path: string): boolean {
    const folders = path.split('/').map((_name, n, all) => all.slice(0, n + 1).join('/'));
    return folders.some((each) => this.#lacking.has(each));
  }
}
