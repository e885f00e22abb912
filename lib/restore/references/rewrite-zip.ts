import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { ZipFile } from 'yazl';
import { isText } from '../../backup/uses.ts';
import { isEmptyMap, type IdMap } from './id-map.ts';
import { rewriteBytes } from './rewrite.ts';

/** Bytes that the members of a zip may have together; one that has more is left as it is. */
const mostUnpacked = 256 * 1024 * 1024;
/** A workbook is a zip of texts again (restore.md 3.3). */
const isNested = /\.(?:xlsx|zip)$/i;
const isSurvey = /\.(?:info|iteminfo)$/i;
const mostNested = 2;

interface Member {
  name: string;
  bytes: Buffer;
  mtime: Date;
  isPacked: boolean;
}

/**
 * A survey's zip with the names replaced in its texts, and in the workbooks in it. All other members stay as they are, to the byte, and
 * so does the whole zip where nothing in it is replaced, or where it cannot be read.
 */
export async function rewriteZip(zip: Buffer, map: IdMap, nested = mostNested): Promise<Buffer> {
  if (isEmptyMap(map)) return zip;
  const members = await unpacked(zip);
  if (members === undefined) return zip;
  const changed: Member[] = [];
  for (const member of members) changed.push({ ...member, bytes: await rewritten(member, map, nested) });
  const isSame = changed.every(({ bytes }, n) => bytes === members[n]?.bytes);
  return isSame ? zip : packed(changed);
}

/** Can the names in it be replaced at all? */
export async function canUnpack(zip: Buffer): Promise<boolean> {
  return (await unpacked(zip)) !== undefined;
}

async function rewritten({ name, bytes }: Member, map: IdMap, nested: number): Promise<Buffer> {
  if (isNested.test(name)) return nested > 0 ? rewriteZip(bytes, map, nested - 1) : bytes;
  return isText.test(name) || isSurvey.test(name) ? rewriteBytes(bytes, map) : bytes;
}

async function unpacked(zip: Buffer): Promise<Member[] | undefined> {
  const members: Member[] = [];
  let left = mostUnpacked;
  try {
    const opened = await yauzl.fromBufferPromise(zip);
    for await (const entry of opened.eachEntry()) {
      left -= entry.uncompressedSize;
      if (left < 0) return undefined;
      const isFolder = entry.fileName.endsWith('/');
      const bytes = isFolder ? Buffer.alloc(0) : await buffer(await opened.openReadStreamPromise(entry));
      const isPacked = entry.compressionMethod !== 0;
      members.push({ name: entry.fileName, bytes, mtime: entry.getLastModDate(), isPacked });
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
  return members;
}

/** The same members make the same bytes, so that what was sent can be compared with what is there. */
function packed(members: readonly Member[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, bytes, mtime, isPacked } of members) {
    const options = { mtime, compress: isPacked, forceDosTimestamp: true };
    if (name.endsWith('/')) zip.addEmptyDirectory(name, { mtime });
    else zip.addBuffer(bytes, name, options);
  }
  zip.end();
  return buffer(zip.outputStream);
}
