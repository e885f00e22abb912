/** Headers of a zip as they pass: PKWARE APPNOTE 4.3.7 and 4.5.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */

const local = 0x04034b50;
const central = 0x02014b50;

/** What begins each kind of record, little endian. */
export const signatures = {
  local,
  central,
  /** what may stand behind an entry */
  next: new Set([local, central]),
  /** of the sizes that come behind an entry */
  lateBytes: Buffer.from('PK\x07\x08', 'latin1'),
};

/** What stands before the bytes of an entry. */
export interface LocalHeader {
  name: string;
  method: number;
  isEncrypted: boolean;
  /** its sizes come behind its bytes */
  isLate: boolean;
  /** bytes; 0 when they come late */
  packed: number;
  unpacked: number;
  /** bytes of the header */
  length: number;
}

const fixed = 30;
/** A size that stands in the extra field for 64 bits. */
const elsewhere = 0xffffffff;

/** The header at the beginning of these bytes, or that more of them are needed. Throws RangeError when it makes no sense. */
export function readLocalHeader(bytes: Buffer): LocalHeader | 'more' {
  if (bytes.length < fixed) return 'more';
  const extraAt = fixed + bytes.readUInt16LE(26);
  const length = extraAt + bytes.readUInt16LE(28);
  if (bytes.length < length) return 'more';
  const flags = bytes.readUInt16LE(6);
  const [packed, unpacked] = sizesIn(bytes.readUInt32LE(18), bytes.readUInt32LE(22), bytes.subarray(extraAt, length));
  return {
    name: bytes.toString('utf8', fixed, extraAt),
    method: bytes.readUInt16LE(8),
    isEncrypted: (flags & 1) !== 0,
    isLate: (flags & 8) !== 0,
    packed,
    unpacked,
    length,
  };
}

/** The field of 64-bit sizes has those that do not fit elsewhere, the unpacked one first. */
function sizesIn(packed: number, unpacked: number, extra: Buffer): [packed: number, unpacked: number] {
  if (packed !== elsewhere && unpacked !== elsewhere) return [packed, unpacked];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const next = (n: number) => Number(extra.readBigUInt64LE(at + 4 + 8 * n));
    const first = unpacked === elsewhere ? 1 : 0;
    return [packed === elsewhere ? next(first) : packed, unpacked === elsewhere ? next(0) : unpacked];
  }
  throw new RangeError('a size is lacking');
}
