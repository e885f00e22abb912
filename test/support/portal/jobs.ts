import type { ErrorBody } from './answers.ts';
import type { Holds } from './export-bytes.ts';

/** How exports go; a test may change it for all or for one service. */
export interface ExportRules {
  /** answers `processing` before the end. Default 1 */
  polls: number;
  /** Default completed */
  end: 'completed' | 'failed' | 'never';
  /** statusMessage of a failure: text, or a value that is sent as a JSON string */
  message: string | object;
  /** the export is refused at once with this error */
  refuse: ErrorBody | null;
  /** what a completed export lacks. Default whole */
  holds: Holds;
  /** refusals of /data after the job has ended ("Error updating file item"). Default 0 */
  unready: number;
  /** a file geodatabase of a service that has only tables. Default refused */
  tablesOnly: 'works' | 'refused' | 'failed';
  /** is the capability Extract needed, even by owner and administrator? Default false */
  needsExtract: boolean;
  /** an administrator exports another's service under the owner's name. Default works */
  underOwner: 'works' | 'refused';
  /** an administrator exports another's service under the own name. Default works; extract: only with Extract */
  underOwnName: 'works' | 'refused' | 'extract';
  /** an owner's second item of the same file name. Default works; refused: 409 CONT_0027 */
  sameName: 'works' | 'refused';
  /** tags of the request. Default kept */
  tags: 'kept' | 'dropped';
}

const usual: ExportRules = {
  polls: 1,
  end: 'completed',
  message: 'Error exporting data to filegdb format',
  refuse: null,
  holds: 'whole',
  unready: 0,
  tablesOnly: 'refused',
  needsExtract: false,
  underOwner: 'works',
  underOwnName: 'works',
  sameName: 'works',
  tags: 'kept',
};

/** The rules of exports: for all, and for single services. */
export class Jobs {
  readonly rules: ExportRules;
  #own = new Map<string, Partial<ExportRules>>();
  #count = 0;

  constructor(rules: Partial<ExportRules> = {}) {
    this.rules = { ...usual, ...rules };
  }

  /** Other rules for one service item. */
  set(itemId: string, rules: Partial<ExportRules>): void {
    this.#own.set(itemId, { ...this.#own.get(itemId), ...rules });
  }

  /** The rules for one service item. */
  of(itemId: string): ExportRules {
    return { ...this.rules, ...this.#own.get(itemId) };
  }

  /** A new job id. */
  newId(): string {
    this.#count += 1;
    return `job-${String(this.#count).padStart(6, '0')}`;
  }
}
