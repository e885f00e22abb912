import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readBody } from '../read-body.ts';
import { readPackets, type Packet } from './pkt-line.ts';
import { Refusal } from './refusal.ts';

/** Bytes of a request, packed or not: each object that a client asks for takes 50 of them. */
const mostBytes = 32 * 1024 * 1024;

/** A request of a client, as HTTP brings it. */
export interface GitRequest {
  /** header Content-Encoding */
  encoding: string | null;
  body: AsyncIterable<Uint8Array> | null;
}

/** The packets of a request, read to its end. Throws Refusal: too long, or no packets. */
export async function readMessage({ encoding, body }: GitRequest): Promise<Packet[]> {
  const packets = readPackets(await unpack(await readAll(body), encoding));
  if (packets === undefined) throw new Refusal('The request is cut, or not in the language of git.', 400);
  return packets;
}

/** A whole body. Throws Refusal when it is too long. */
export async function readAll(body: GitRequest['body'], most = mostBytes): Promise<Buffer> {
  const bytes = await readBody(body, most);
  if (bytes === undefined) throw new Refusal(`The request has more than ${most} bytes.`, 413);
  return bytes;
}

// git packs every request of more than 1,024 bytes: https://github.com/git/git/blob/master/remote-curl.c
async function unpack(bytes: Buffer, encoding: string | null): Promise<Buffer> {
  if (encoding === null || encoding === '' || encoding === 'identity') return bytes;
  if (!/^(x-)?gzip$/i.test(encoding)) throw new Refusal('The request is packed in a way that is not known here.', 415);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new Refusal(`The request has more than ${mostBytes} bytes.`, 413);
    if (typeof code === 'string' && code.startsWith('Z_')) throw new Refusal('The request is no gzip.', 400);
    throw error;
  }
}
