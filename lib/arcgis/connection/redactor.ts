/** Shorter ones would be found in ordinary texts. */
const shortest = 8;
/** Bytes that one character of a secret takes at most in any of the forms below. */
const widest = 12;

/** How a zip begins: PK, 3, 4; little endian. */
const zipStart = 0x04034b50;

/** A secret, where it may stand, and how to look for it fast. */
interface Known {
  secret: string;
  /** its longest piece of letters and digits, which every form leaves as it is */
  core: string;
  pattern: RegExp;
}

/** A body on its way, and whether a secret was taken out of it so far. */
export interface Watched {
  body: AsyncIterable<Uint8Array>;
  isMarked: () => boolean;
}

/**
 * Takes the secrets of this session out of whatever the portal answers: tokens, the app's secret, the API key; as they are,
 * and as they stand in addresses, JSON, HTML and XML. A mark of the same length takes their place, so that every length
 * that the portal tells still holds.
 */
export class Redactor {
  #known: Known[] = [];

  /** Knows another secret from now on. */
  add(secret: string): void {
    if (secret.length < shortest || this.#known.some((known) => known.secret === secret)) return;
    const runs = [...secret.matchAll(/[A-Za-z0-9]+/g)].map(([run]) => run);
    const core = runs.reduce((a, b) => (b.length > a.length ? b : a), '');
    const pattern = new RegExp([...secret].map(formsOf).join(''), 'g');
    this.#known = [...this.#known, { secret, core, pattern }];
  }

  /** A text without secrets. */
  text(text: string): string {
    return this.#known.reduce(
      (now, { core, pattern }) => (now.includes(core) ? now.replace(pattern, (found) => mark(found.length)) : now),
      text,
    );
  }

  /** Does it hold the mark of a secret that was taken out? */
  isMarked(bytes: Buffer): boolean {
    return this.#known.some(({ secret }) => bytes.includes(mark(secret.length)));
  }

  /**
   * A body without secrets, whatever the pieces it comes in. A zip passes as it is: nobody on the way opens what a member
   * or the export packed, and it would be a zip no more.
   */
  watch(body: AsyncIterable<Uint8Array>): Watched {
    let found = false;
    return { body: this.#masked(body, () => (found = true)), isMarked: () => found };
  }

  async *#masked(body: AsyncIterable<Uint8Array>, tell: () => void): AsyncGenerator<Uint8Array> {
    const hold = Math.max(0, ...this.#known.map(({ secret }) => secret.length * widest - 1));
    let held: Buffer = Buffer.alloc(0);
    let isZip: boolean | undefined;
    for await (const piece of body) {
      const window =
        held.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([held, piece]);
      if (window.length >= 4) isZip ??= window.readUInt32LE(0) === zipStart;
      const masked = isZip === true ? window : this.#bytes(window);
      if (isZip !== true && (masked !== window || this.isMarked(window))) tell();
      const ready = isZip === true ? window.length : Math.max(0, window.length - hold);
      if (ready > 0) yield masked.subarray(0, ready);
      held = masked.subarray(ready);
    }
    if (held.length > 0) yield held;
  }

  /** The very same buffer when no secret is in it. */
  #bytes(bytes: Buffer): Buffer {
    if (!this.#known.some(({ core }) => bytes.includes(core))) return bytes;
    const text = bytes.toString('latin1');
    const masked = this.text(text);
    return masked === text ? bytes : Buffer.from(masked, 'latin1');
  }
}

function mark(length: number): string {
  return length < 10 ? '*'.repeat(length) : `[redacted${'.'.repeat(length - 10)}]`;
}

const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** One character, as addresses (once or twice encoded), JSON, HTML and XML write it. */
function formsOf(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  const code = character.charCodeAt(0);
  const hex = code
    .toString(16)
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
    .padStart(2, '0');
  const plain = `\\u${code.toString(16).padStart(4, '0')}`;
  const entity = named[character];
  const forms = [
    `%(?:25){0,2}${hex}`,
    `\\\\u00${hex}`,
    `&#[xX]0{0,4}${hex};`,
    `&#0{0,4}${code};`,
    ...(entity === undefined ? [] : [`&${entity};`]),
    `\\\\?${plain}`,
  ];
  return `(?:${forms.join('|')})`;
}
