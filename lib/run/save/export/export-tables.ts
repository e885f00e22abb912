import { CsvRecords } from '../../../backup/layers/csv-records.ts';
import { readCatalog, rowsInHeader } from '../../../backup/layers/geodatabase.ts';
import type { ExportedTables, TableCount } from '../../../backup/layers/row-proof.ts';
import type { Listener } from '../prove-zip.ts';

/** Bytes of a catalog that are kept to be read; 100,000 tables with long names. */
const mostCatalog = 16 * 1024 * 1024;
/** What comes first in a .gdbtable: signature and number of rows. */
const headBytes = 8;

/** Counts what an export holds while its bytes go by. */
export class TableCounter {
  readonly #files = new Map<string, Buffer>();
  readonly #lists = new Map<string, CsvRecords>();

  /** Begins to hear the entries of a zip, and forgets what was heard of it before. */
  listen(): Listener {
    this.#files.clear();
    this.#lists.clear();
    return (name) => this.#hear(name);
  }

  #hear(name: string): ReturnType<Listener> {
    if (/\.csv$/i.test(name)) return (piece) => this.#listOf(name).add(piece);
    const found = tableFile.exec(name);
    if (found === null) return undefined;
    const isCatalog = Number.parseInt(found[2] ?? '', 16) === 1;
    if (!isCatalog && found[3]?.toLowerCase() === 'x') return undefined;
    this.#files.set(name, Buffer.alloc(0));
    return (piece) => this.#keep(name, piece, isCatalog ? mostCatalog : headBytes);
  }

  /** Hears a CSV that is not in a zip, on its way. */
  async *pass(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const list = this.#listOf('.csv');
    for await (const piece of body) {
      list.add(piece);
      yield piece;
    }
  }

  /** What was heard. */
  tables(): ExportedTables {
    const lists = [...this.#lists].map(([path, list]) => ({
      name: path.replace(/^.*\/|\.csv$/gi, ''),
      rows: list.count,
    }));
    const all = [...lists, ...this.#geodatabase()];
    const attachments = new Map<string, number>();
    for (const { name, rows } of all) {
      const owner = name === null ? undefined : attached.exec(name)?.[1];
      if (owner !== undefined && rows !== null) attachments.set(owner, rows);
    }
    return { tables: all.filter(({ name }) => name === null || !attached.test(name)), attachments };
  }

  #listOf(name: string): CsvRecords {
    const list = this.#lists.get(name) ?? new CsvRecords();
    this.#lists.set(name, list);
    return list;
  }

  #keep(name: string, piece: Uint8Array, most: number): void {
    const known = this.#files.get(name) ?? Buffer.alloc(0);
    if (known.length < most) this.#files.set(name, Buffer.concat([known, piece.subarray(0, most - known.length)]));
  }

  /** Tables of members: all but the catalog and what begins with GDB_. */
  #geodatabase(): TableCount[] {
    const catalogs = new Map<string, ReturnType<typeof readCatalog>>();
    const found: TableCount[] = [];
    for (const [path, head] of this.#files) {
      const [, folder = '', digits = '', kind] = tableFile.exec(path) ?? [];
      const id = Number.parseInt(digits, 16);
      if (id === 1 || kind !== undefined) continue;
      if (!catalogs.has(folder)) catalogs.set(folder, this.#catalogOf(folder));
      const catalog = catalogs.get(folder);
      // What the catalog does not name may be anything.
      const name = catalog?.get(id) ?? null;
      if (name !== null && /^GDB_/i.test(name)) continue;
      found.push({ name, rows: rowsInHeader(head) ?? null });
    }
    return found;
  }

  #catalogOf(folder: string): ReturnType<typeof readCatalog> {
    const of = (ending: string) =>
      [...this.#files].find(([path]) => path.toLowerCase() === `${folder}a00000001.${ending}`.toLowerCase())?.[1];
    const table = of('gdbtable');
    return table && readCatalog(table, of('gdbtablx'));
  }
}

const tableFile = /^(.*?)a([0-9a-f]{8})\.gdbtabl(?:e|(x))$/i;
const attached = /^(.+)__ATTACH$/i;
