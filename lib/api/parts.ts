import type { HttpResponseInit } from '@azure/functions';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ReadableStream } from 'node:stream/web';
import type { Archive } from '../archive/archive.ts';
import { proved } from '../archive/sha256.ts';
import type { Part } from '../backup/item.ts';
import { BackupError } from '../errors.ts';
import { takeOut, type Target } from '../history/get/take-out.ts';
import { zipInto } from '../history/get/target-zip.ts';
import { findPart, manifestOf } from '../history/item-files.ts';
import type { Seen } from '../history/version-at.ts';
import { readRange } from '../serve/http/range.ts';
import type { Range } from '../storage/blob-store.ts';
import { problem } from './answers.ts';

/** Bytes that are read whole, and checked, before the answer begins; more is checked as it passes. */
const mostHeld = 8 * 1024 * 1024;

const whichParts = 'Which parts there are says GET /api/items/{item}/versions/{at}, under `parts`.';

/**
 * A part of a version, or the piece of it that Range names. Always a download that no browser shows or runs: what members upload
 * must not act in the name of this address. A whole part is checked against its SHA-256, and a damaged one never comes whole; of a
 * piece, Repr-Digest says what the whole must have (RFC 9530).
 */
export async function partAnswer(
  archive: Archive,
  version: Seen,
  path: string,
  range: string | null,
): Promise<HttpResponseInit> {
  const manifest = await manifestOf(archive, version.after);
  const part = manifest?.parts.find((each) => each.path === path);
  if (part === undefined)
    return problem(404, new BackupError('ITEM_UNKNOWN', 'This version has no such part.', { hint: whichParts }));
  const piece = readRange(range, part.size);
  if (piece === 'none') {
    const error = new BackupError('USAGE', `The part has ${part.size} bytes.`);
    return problem(416, error, { 'content-range': `bytes */${part.size}` });
  }
  const body = await bodyOf(archive, version, part, piece);
  const headers = downloadHeaders(path.slice(path.lastIndexOf('/') + 1), 'application/octet-stream');
  const { start, length } = piece ?? { start: 0, length: part.size };
  headers['content-length'] = String(length);
  headers['accept-ranges'] = 'bytes';
  headers['repr-digest'] = `sha-256=:${Buffer.from(part.sha256, 'hex').toString('base64')}:`;
  headers['etag'] = `"${part.sha256}"`;
  if (piece === undefined) return { status: 200, body, headers };
  headers['content-range'] = `bytes ${start}-${start + length - 1}/${part.size}`;
  return { status: 206, body, headers };
}

/**
 * All files of some versions in a zip, with folders as in the archive. Of much it comes as it is made, and breaks off at what is damaged.
 * @param name what it is called, without its ending
 */
export async function zipAnswer(
  archive: Archive,
  versions: readonly Seen[],
  name: string | undefined = versions[0]?.after.title,
): Promise<HttpResponseInit> {
  const headers = downloadHeaders(`${name ?? ''}.zip`, 'application/zip');
  const pieces = zipped(archive, versions);
  const size = versions.reduce((sum, { after }) => sum + after.size, 0);
  if (size > mostHeld) return { status: 200, body: ReadableStream.from(pieces), headers };
  return { status: 200, body: await buffer(pieces), headers };
}

async function* zipped(archive: Archive, versions: readonly Seen[]): AsyncGenerator<Uint8Array> {
  const out = new PassThrough();
  const fill = async (target: Target) => {
    const { items } = await takeOut(archive, versions, target);
    for (const { path, ok } of items.flatMap(({ files }) => files)) if (!ok) throw damaged(path);
  };
  // A file that is read twice would keep the client waiting for as long again.
  const writing = zipInto(out, 'the zip', fill, { looksFirst: false }).then(
    () => void out.end(),
    (error: unknown) => void out.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* out as AsyncIterable<Uint8Array>;
  } finally {
    out.destroy();
    await writing;
  }
}

async function bodyOf(archive: Archive, { after }: Seen, part: Part, piece: Range | undefined) {
  const source = await findPart(archive, after, part);
  if (typeof source === 'string') throw damaged(part.path);
  if ('bytes' in source)
    return piece === undefined ? source.bytes : source.bytes.subarray(piece.start, piece.start + piece.length);
  const found = await archive.store.stream(source.large, piece);
  if (found === undefined || found.info.size !== part.size) throw damaged(part.path);
  const body = piece === undefined ? lastLate(proved(found.body, part.sha256, () => damaged(part.path))) : found.body;
  return part.size > mostHeld ? ReadableStream.from(body) : buffer(body);
}

/** The last bytes come only once the body is at its end without an error: so nobody takes a damaged part for whole. */
async function* lastLate(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined;
  for await (const piece of body) {
    if (last !== undefined) yield last;
    last = piece;
  }
  if (last !== undefined) yield last;
}

function downloadHeaders(name: string, type: string): Record<string, string> {
  // RFC 8187: nothing of a member's name can leave the value.
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return {
    'content-type': type,
    'content-disposition': `attachment; filename*=UTF-8''${encoded}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-store',
  };
}

function damaged(path: string): BackupError {
  return new BackupError('STORE_DAMAGED', `${path} is damaged in the archive.`);
}
