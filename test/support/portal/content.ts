import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Bytes that may be too many to hold: read in pieces, from any place. */
export interface Content {
  readonly size: number;
  /** file name or address that tells the media type, e.g. x.zip; also what Content-Disposition says */
  readonly type: string;
  /** differs when the bytes differ */
  readonly etag: string;
  /** The bytes [from, to), in pieces. */
  read(from?: number, to?: number): Iterable<Buffer>;
  /** All of it; for small ones. */
  bytes(): Buffer;
  /** hex */
  sha256(): string;
}

/** Content out of bytes in memory. */
export function contentOf(bytes: Buffer | string, type = 'application/octet-stream'): Content {
  const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const sha256 = () => createHash('sha256').update(all).digest('hex');
  let etag: string | undefined;
  return {
    size: all.length,
    type,
    get etag() {
      return (etag ??= `"${createHash('md5').update(all).digest('hex')}"`);
    },
    read: (from = 0, to = all.length) => [all.subarray(from, to)],
    bytes: () => all,
    sha256,
  };
}

/** Several one after the other, without a copy. */
export function joined(parts: readonly Content[], type: string): Content {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  function* read(from = 0, to = size): Iterable<Buffer> {
    let at = 0;
    for (const part of parts) {
      const [first, last] = [Math.max(0, from - at), Math.min(part.size, to - at)];
      if (first < last) yield* part.read(first, last);
      at += part.size;
    }
  }
  const sha256 = () => {
    const hash = createHash('sha256');
    for (const bytes of read()) hash.update(bytes);
    return hash.digest('hex');
  };
  const etag = `"${createHash('md5')
    .update(parts.map((part) => part.etag).join())
    .digest('hex')}"`;
  return { size, type, etag, read, bytes: () => Buffer.concat([...read()]), sha256 };
}

/** A JSON document as item data; the real portal types it as text or as JSON, so both happen here. */
export function jsonContent(value: unknown, type = 'text/plain;charset=utf-8'): Content {
  return contentOf(JSON.stringify(value), type);
}

const types: Record<string, string> = {
  zip: 'application/zip',
  csv: 'text/csv',
  pdf: 'application/pdf',
  png: 'image/png',
  xml: 'text/xml',
  json: 'text/plain;charset=utf-8',
  geojson: 'application/geo+json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Media type by the ending of a file name. */
export function typeOf(name: string): string {
  return types[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

const fixtures = new Map<string, Content>();

/** A file of files/, read once. */
export function fixture(name: string): Content {
  const known = fixtures.get(name);
  if (known) return known;
  const content = contentOf(readFileSync(new URL(`files/${name}`, import.meta.url)), typeOf(name));
  fixtures.set(name, content);
  return content;
}
