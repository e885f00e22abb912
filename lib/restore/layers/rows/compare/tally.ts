import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import type { HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { differingFields, ownFields } from '../row.ts';
import type { SourceLayer } from '../source.ts';

/** A row that is not as the version has it. */
export interface RowDifference {
  is: 'missing' | 'changed';
  /** its global id, or its place where rows have none */
  key: string;
  /** names of fields, `shape`; of one that is missing none */
  fields: string[];
}

/** How the rows of a layer differ from those of a version. */
export interface LayerComparison {
  id: number;
  name: string;
  /** rows of the version, and of the layer; null where there is no such layer any more */
  then: number;
  now: number | null;
  /** of the version's rows, how many the layer has not, and has otherwise */
  missing: number;
  changed: number;
  /** rows that the version has not */
  added: number;
  /** rows of which it differs only who edited them, and when */
  stamped: number;
  /** the first of them */
  first: RowDifference[];
  files: {
    /** of the version's files, how many are not at their rows */
    lacking: number;
    /** files and bytes of the version, and of the layer */
    then: { count: number; bytes: number };
    now: { count: number; bytes: number };
  };
}

/** What is compared of rows. */
export interface Comparing {
  /** only these fields, and no shapes */
  fields?: readonly string[] | undefined;
  /** not the files, which takes a question for every 200 rows */
  withoutFiles?: boolean;
  /** were the rows loaded in their order, also where they could not keep their global ids? */
  isLoaded?: boolean;
}

/** The comparison of a layer before anything of it is compared. */
export function beginningOf({ id, name, count: then }: SourceLayer): LayerComparison {
  const files = { lacking: 0, then: { count: 0, bytes: 0 }, now: { count: 0, bytes: 0 } };
  return { id, name, then, now: null, missing: 0, changed: 0, added: 0, stamped: 0, first: [], files };
}

/** Differing rows that are told one by one. */
const mostTold = 10;

/** Counts the rows of a layer that differ. */
export class Tally {
  readonly #found: LayerComparison;
  readonly #fields: readonly string[];
  readonly #stamps: readonly string[];
  readonly #isTable: boolean;

  /** @param found what was counted before, which is counted on */
  constructor(found: LayerComparison, table: HostedTable, layer: SourceLayer, { fields }: Comparing) {
    this.#found = found;
    const stamps = new Set([...layer.traits.editFields, ...table.traits.editFields].map((name) => name.toLowerCase()));
    const own = ownFields(layer.info, layer.traits);
    const isStamp = (name: string) => stamps.has(name.toLowerCase());
    this.#stamps = fields === undefined ? own.filter(isStamp) : [];
    this.#fields = own.filter((name) => !isStamp(name) && isAmong(name, fields));
    this.#isTable = layer.info.isTable || table.info.isTable || fields !== undefined;
  }

  /** @param now undefined: the layer has it not */
  add(then: Row, now: Row | undefined, key: string): void {
    const found = this.#found;
    if (now === undefined) {
      found.missing += 1;
      return this.#tell({ is: 'missing', key, fields: [] });
    }
    const fields = differingFields(now, then, this.#fields, this.#isTable);
    if (fields.length > 0) {
      found.changed += 1;
      return this.#tell({ is: 'changed', key, fields });
    }
    if (differingFields(now, then, this.#stamps, true).length > 0) found.stamped += 1;
  }

  #tell(row: RowDifference): void {
    if (this.#found.first.length < mostTold) this.#found.first.push(row);
  }
}

const isAmong = (name: string, fields: readonly string[] | undefined) =>
  fields === undefined || fields.some((each) => each.toLowerCase() === name.toLowerCase());
