/**
 * How a text stands to JSON. whole: it is some. loose: other programs wrote it and read it, with NaN, comments, a comma too many or in
 * UTF-16; its brackets close, so nothing is missing at its end. cut: it begins as JSON, and they do not close. none: it is something else.
 */
export type JsonForm = 'whole' | 'loose' | 'cut' | 'none';

/** The form of a file that should be JSON. @param bytes all of it */
export function jsonForm(bytes: Buffer): JsonForm {
  const wide = wideText(bytes);
  const text = (wide ?? bytes.toString('utf8')).replace(/^\ufeff/, '');
  if (!/^\s*[{[]/.test(text)) return 'none';
  try {
    JSON.parse(text);
    return wide === undefined ? 'whole' : 'loose';
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const brackets = new Brackets();
    brackets.add(Buffer.from(text));
    return brackets.areClosed ? 'loose' : 'cut';
  }
}

/** Does it begin as JSON does, in whatever encoding? @param head its first bytes */
export function beginsAsJson(head: Buffer): boolean {
  const some = head.subarray(0, 256);
  return /^\ufeff?\s*[{[]/.test(wideText(some) ?? some.toString('utf8'));
}

/** UTF-16, with a byte order mark or without (RFC 4627, 3: the first two characters are ASCII); undefined for any other text. */
function wideText(bytes: Buffer): string | undefined {
  const [a = 0, b = 0] = bytes;
  const isLittle = (a === 0xff && b === 0xfe) || (a !== 0 && b === 0);
  const isBig = (a === 0xfe && b === 0xff) || (a === 0 && b !== 0);
  if (bytes.length < 4 || (!isLittle && !isBig)) return undefined;
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return (isBig ? even.swap16() : even).toString('utf16le');
}

/** Counts the brackets of JSON outside of its texts, piece by piece: those of a whole one close. */
export class Brackets {
  #depth = 0;
  #isText = false;
  #isEscaped = false;

  add(piece: Uint8Array): void {
    for (const byte of piece) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isText && byte === backslash) this.#isEscaped = true;
      else if (byte === quote) this.#isText = !this.#isText;
      else if (this.#isText) continue;
      else if (byte === brace.open || byte === bracket.open) this.#depth += 1;
      else if (byte === brace.close || byte === bracket.close) this.#depth -= 1;
    }
  }

  /** Hears a body on its way. */
  async *pass(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      this.add(piece);
      yield piece;
    }
  }

  /** Have all closed that were opened? */
  get areClosed(): boolean {
    return this.#depth === 0 && !this.#isText;
  }
}

// Bytes of UTF-8: no part of a longer character looks like one of these.
const quote = 0x22;
const backslash = 0x5c;
const bracket = { open: 0x5b, close: 0x5d };
const brace = { open: 0x7b, close: 0x7d };
