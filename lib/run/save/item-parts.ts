import { isNone, isRefusal, PortalError } from '../../arcgis/connection/portal-error.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { Found } from '../../backup/found.ts';
import { oneLine } from '../../backup/words.ts';
import type { Part, SavedLayer } from '../../backup/item.ts';
import { note, type Note, type NoteCode } from '../../backup/notes.ts';
import type { ItemFailure } from '../../backup/run.ts';
import { BackupError, endsRun } from '../../errors.ts';
import { useRoom, type ItemDeps, type Taken } from './stage-part.ts';
import type { Unfinished } from './unfinished.ts';

/** What the portal says to a question about a side part: an answer, that it has none, or nothing that could be used. */
export type Answer<T> = { value: T } | 'none' | 'lacking';

/** What an answer is told by, besides what it is asked for. */
interface Asked {
  /** has the archive a version? A bad request without words means that there is nothing, unless there was something */
  had?: boolean | (() => Promise<boolean>);
  /** what is asked for, where it is only a piece of the part */
  what?: string;
}

/** ms that one item may spend on questions without an answer; then the rest of its side parts is not asked for tonight. */
const mostWaiting = 300_000;

/**
 * The parts of an item, as they are gathered. A side part that cannot be had this time is a gap: it stays as the archive has it,
 * the rest is saved, and the next run tries again. What the portal refuses for good stays as well, with a note. What the portal
 * says that it does not have goes.
 */
export class ItemParts {
  readonly taken: Taken[] = [];
  /** parts that stay as the tree has them */
  readonly kept: Part[] = [];
  readonly notes: Note[] = [];
  readonly gaps: ItemFailure[] = [];
  /** how much there is of each layer; undefined where that is not known */
  layers: readonly SavedLayer[] | undefined;
  /** what need not be asked for again */
  readonly unfinished: Unfinished;
  readonly #deps: ItemDeps;
  readonly #portal: Portal;
  readonly #found: Found;
  #waited = 0;
  #unanswered: BackupError | undefined;

  constructor(deps: ItemDeps, portal: Portal, found: Found, unfinished: Unfinished) {
    this.unfinished = unfinished;
    this.#deps = deps;
    this.#portal = portal;
    this.#found = found;
  }

  /** Notes something; twice is once. */
  note(code: NoteCode, text: string, part?: string): void {
    this.notes.push(note(code, text, part));
  }

  /** Takes in a part that is there, or the note that stands for one that the portal does not have. */
  add(taken: Taken | Note): void {
    if ('code' in taken) this.notes.push(taken);
    else this.taken.push(taken);
  }

  /** Was the part a gap when the archive's version was saved? Then what is there may be older than it looks. */
  wasGap(part: string): boolean {
    return this.#found.saved?.gaps?.some((gap) => gap.part === part) === true;
  }

  /** What the archive has of the item under its member, as far as it is asked for. */
  saved(which: (part: Part) => boolean): Part[] {
    return this.#found.saved?.parts.filter(which) ?? [];
  }

  /** Lets parts stay as the archive has them. */
  keep(which: (part: Part) => boolean): void {
    for (const part of this.saved(which)) this.stay(part);
  }

  /** Lets one part stay as the archive has it. */
  stay(part: Part): void {
    this.kept.push(part);
    useRoom(this.#deps.room, part);
  }

  /** Takes in a part, or lets it stay. @param read resolves to undefined when the portal has none */
  async take(
    path: string,
    read: () => Promise<Taken | undefined>,
    isSame: (part: Part) => boolean = (part) => part.path === path,
  ): Promise<'taken' | 'none' | 'lacking'> {
    const answer = await this.ask(path, read, { had: this.saved(isSame).length > 0 });
    if (answer === 'lacking') this.keep(isSame);
    if (typeof answer === 'string') return answer;
    if (answer.value === undefined) return 'none';
    this.taken.push(answer.value);
    return 'taken';
  }

  /**
   * Asks the portal for something that a part is made of. Throws what concerns more than this part: what ends the run, and that
   * the item is gone.
   */
  async ask<T>(part: string, read: () => Promise<T>, { had = false, what = part }: Asked = {}): Promise<Answer<T>> {
    if (this.#waited > mostWaiting && this.#unanswered) return this.#gap(part, this.#unanswered);
    const begun = this.#deps.clock.now();
    try {
      return { value: await read() };
    } catch (error) {
      if (!(error instanceof BackupError) || endsRun(error)) throw error;
      const verdict = await this.#judge(error, had);
      if (verdict === 'none') return 'none';
      if (verdict === 'gap') {
        if (error.retryable) this.#waited += this.#deps.clock.now() - begun;
        if (error.retryable) this.#unanswered = error;
        return this.#gap(part, error);
      }
      this.note(
        'REFUSED',
        `The portal refuses ${oneLine(what)} to the account of the backup; a version of it that was saved stays.`,
        part,
      );
      return 'lacking';
    }
  }

  /** Tells that a part was had, and lacks something that another night may bring. */
  lack(part: string, error: BackupError): void {
    this.#gap(part, error);
  }

  #gap(part: string, { code, message, hint }: BackupError): 'lacking' {
    const { id: itemId, title, owner } = this.#found.item;
    if (!this.gaps.some((gap) => gap.part === part))
      this.gaps.push({ itemId, title: oneLine(title ?? ''), owner, part, code, message, hint });
    return 'lacking';
  }

  async #judge(error: BackupError, had: NonNullable<Asked['had']>): Promise<'none' | 'refused' | 'gap'> {
    if (error.code === 'ITEM_GONE') {
      // The portal says the same of a file that is not there.
      const { id, owner } = this.#found.item;
      if ((await this.#portal.item(id))?.owner !== owner) throw error;
      return 'none';
    }
    if (isNone(error)) return 'none';
    if (isRefusal(error)) return 'refused';
    const isBadRequest = error instanceof PortalError && error.said?.code === 400 && !error.retryable;
    return isBadRequest && !(typeof had === 'boolean' ? had : await had()) ? 'none' : 'gap';
  }
}
