/**
 * Looks at a zip while it streams by, without keeping it: its first bytes, and its last, where the end record says how
 * long everything before it must be. A cut, padded or swapped file does not add up.
 * PKWARE APPNOTE 4.3.16, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export class ZipProbe {
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #size = 0;

  /** Shows it the next bytes of the file. */
  see(chunk: Uint8Array): void {
    if (this.#head.length < 4) this.#head = Buffer.concat([this.#head, chunk.subarray(0, 4 - this.#head.length)]);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(Math.max(0, chunk.length - mostTail))]);
    if (this.#tail.length > 2 * mostTail) this.#tail = Buffer.from(this.#tail.subarray(-mostTail));
    this.#size += chunk.length;
  }

  /** Why the file cannot be a zip, for people; undefined when it can. */
  verdict(): string | undefined {
    const signature = this.#head.toString('latin1');
    if (signature === 'PK\x05\x06') return 'the zip is empty';
    if (signature !== 'PK\x03\x04') return 'it is no zip';
    const at = this.#tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
    if (at < 0 || at + endLength > this.#tail.length) return 'the zip has no end, it was cut off';
    const end = this.#tail.subarray(at);
    const entries = end.readUInt16LE(10);
    const directory = end.readUInt32LE(12) + end.readUInt32LE(16);
    const before = this.#size - (this.#tail.length - at);
    // Zip64 keeps the true numbers in a record of its own, just before.
    const isZip64 = entries === 0xffff || end.readUInt32LE(16) === 0xffffffff || end.readUInt32LE(12) === 0xffffffff;
    if (!isZip64 && directory !== before) return 'the zip does not have the length it says';
    return undefined;
  }
}

const endLength = 22;
/** The end record and its longest comment. */
const mostTail = endLength + 0xffff;
