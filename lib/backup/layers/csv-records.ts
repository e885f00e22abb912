const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/**
 * Counts the records of a CSV file (RFC 4180) that comes in pieces, the line with the names of the fields apart. Line ends
 * within quotes belong to a value. An empty line counts where there is one field only, whose value may be missing.
 */
export class CsvRecords {
  #records = 0;
  #isQuoted = false;
  /** is anything on this line? */
  #isBegun = false;
  /** on this line, and on the first */
  #fields = 1;
  #expected = 0;

  add(piece: Uint8Array): void {
    for (const byte of piece) {
      if (byte === quote) this.#isQuoted = !this.#isQuoted;
      if (this.#isQuoted) continue;
      if (byte === lineFeed) this.#end();
      else if (byte !== carriageReturn) this.#isBegun = true;
      if (byte === comma) this.#fields += 1;
    }
  }

  /** Whole records so far. The last line may have no end, but must have all its fields. */
  get count(): number {
    const isWhole = this.#isBegun && !this.#isQuoted && this.#fields >= this.#expected;
    return Math.max(0, this.#records + (isWhole ? 1 : 0) - 1);
  }

  #end(): void {
    if (this.#records === 0) this.#expected = this.#fields;
    if (this.#isBegun || this.#expected === 1) this.#records += 1;
    this.#isBegun = false;
    this.#fields = 1;
  }
}
