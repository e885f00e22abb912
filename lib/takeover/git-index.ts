/** What git's index notes of a file of the working copy. */
export interface IndexEntry {
  oid: string;
  /** bytes on disk when it was added, modulo 2³² */
  size: number;
  /** a repository of its own, of which git keeps a commit's id alone */
  isRepository: boolean;
}

/** Bytes of an entry before its name, without extended flags. */
const fixedLength = 62;
const gitlink = 0o160000;

/**
 * Reads the index of a working copy; undefined when the bytes are none, or of a version that is not known here. isomorphic-git refuses
 * names that the old script wrote.
 * https://git-scm.com/docs/index-format
 */
export function readIndex(bytes: Buffer): Map<string, IndexEntry> | undefined {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) return undefined;
  const entries = new Map<string, IndexEntry>();
  let at = 12;
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    if (at + fixedLength > bytes.length) return undefined;
    const isExtended = (bytes.readUInt16BE(at + 60) & 0x4000) !== 0;
    const start = at + fixedLength + (isExtended ? 2 : 0);
    const end = bytes.indexOf(0, start);
    if (end < 0) return undefined;
    entries.set(bytes.toString('utf8', start, end), {
      oid: bytes.toString('hex', at + 40, at + 60),
      size: bytes.readUInt32BE(at + 36),
      isRepository: bytes.readUInt32BE(at + 24) === gitlink,
    });
    // One to eight zeros, so that the length is a multiple of eight.
    at += (Math.floor((end - at) / 8) + 1) * 8;
  }
  return entries;
}
