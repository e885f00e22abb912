import type { HttpResponseInit } from '@azure/functions';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Archive } from '../archive/archive.ts';
import { sha256 } from '../archive/sha256.ts';
import type { Part } from '../backup/item.ts';
import { BackupError } from '../errors.ts';
import { takeOut } from '../history/get/take-out.ts';
import { zipInto } from '../history/get/target-zip.ts';
import { findPart, manifestOf } from '../history/item-files.ts';
import type { Seen } from '../history/version-at.ts';
import { problem } from './answers.ts';

/** Bytes of one answer: it is in memory whole. */
const mostBytes = 64 * 1024 * 1024;

const whichParts = 'Which parts there are says GET /api/items/{item}/versions/{at}, under `parts`.';
const whole = `Ask for pieces with the header Range, at most ${mostBytes} bytes each, or use \`ago-backup get\`.`;

/**
 * A part of a version, or the piece of it that Range names. Always a download that no browser shows or runs: what members upload
 * must not act in the name of this address. A whole part is checked against its SHA-256; of a piece, Repr-Digest says what the
 * whole must have (RFC 9530).
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
  const piece = range === null ? undefined : readRange(range, part.size);
  if (piece === 'none') {
    const error = new BackupError('USAGE', `The part has ${part.size} bytes.`);
    return problem(416, error, { 'content-range': `bytes */${part.size}` });
  }
  if (piece === undefined && part.size > mostBytes)
    return problem(413, new BackupError('USAGE', `The part has ${part.size} bytes.`, { hint: whole }));
  const body = await bytesOf(archive, version, part, piece);
  const headers = downloadHeaders(path.slice(path.lastIndexOf('/') + 1), 'application/octet-stream');
  headers['accept-ranges'] = 'bytes';
  headers['repr-digest'] = `sha-256=:${Buffer.from(part.sha256, 'hex').toString('base64')}:`;
  headers['etag'] = `"${part.sha256}"`;
  if (piece === undefined) return { status: 200, body, headers };
  headers['content-range'] = `bytes ${piece.start}-${piece.start + body.length - 1}/${part.size}`;
  return { status: 206, body, headers };
}

/** All files of a version in a zip. */
export async function zipAnswer(archive: Archive, version: Seen): Promise<HttpResponseInit> {
  if (version.after.size > mostBytes) {
    const hint = 'Use `ago-backup get --zip`, or fetch its parts one by one.';
    return problem(413, new BackupError('USAGE', `The item has ${version.after.size} bytes.`, { hint }));
  }
  const out = new PassThrough();
  const collected = buffer(out);
  let bad: string[] = [];
  await zipInto(out, 'the zip', async (target) => {
    const { items } = await takeOut(archive, [version], target);
    bad = items.flatMap(({ files }) => files.filter(({ ok }) => !ok).map(({ path }) => path));
  });
  out.end();
  const body = await collected;
  if (bad.length > 0) throw damaged(bad[0] ?? '');
  return { status: 200, body, headers: downloadHeaders(`${version.after.title}.zip`, 'application/zip') };
}

async function bytesOf(
  archive: Archive,
  { after }: Seen,
  part: Part,
  piece: { start: number; length: number } | undefined,
): Promise<Buffer> {
  const source = await findPart(archive, after, part);
  if (typeof source === 'string') throw damaged(part.path);
  if ('bytes' in source)
    return piece === undefined ? source.bytes : source.bytes.subarray(piece.start, piece.start + piece.length);
  const blob = await archive.store.get(source.large, piece);
  if (blob === undefined || blob.size !== part.size) throw damaged(part.path);
  if (piece === undefined && sha256(blob.bytes) !== part.sha256) throw damaged(part.path);
  return blob.bytes;
}

/**
 * Reads a header Range with one range of bytes; others are passed over, as RFC 9110 (14.2) allows. `none` = it lies behind the
 * end. A longer piece than an answer may have is cut.
 */
export function readRange(text: string, size: number): { start: number; length: number } | 'none' | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  const [from, to] = [found?.[1] ?? '', found?.[2] ?? ''];
  if (!found || (from === '' && to === '')) return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(size - 1, Number(to));
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start >= size || end < start) return 'none';
  return { start, length: Math.min(end - start + 1, mostBytes) };
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
