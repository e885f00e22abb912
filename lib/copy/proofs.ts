import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInflate } from 'node:zlib';
import { proved } from '../archive/sha256.ts';

/** Passes a body on, and fails at its end where it is not what it should be: so nothing damaged is ever written whole. */
export type Proof = (body: AsyncIterable<Uint8Array>, size: number, fail: () => Error) => AsyncIterable<Uint8Array>;

/** A Git LFS object, by its name. @param sha256 in hex */
export function isLarge(sha256: string): Proof {
  return (body, _size, fail) => proved(body, sha256, fail);
}

/**
 * A pack, or an index: both end with the SHA-1 of all before it. https://git-scm.com/docs/pack-format
 * @param checksum that end, in hex, where somebody else tells it as well
 */
export function hasItsHash(checksum?: string): Proof {
  return async function* (body, size, fail) {
    const hash = createHash('sha1');
    let at = 0;
    let end = Buffer.alloc(0);
    for await (const piece of body) {
      const hashed = Math.max(0, Math.min(piece.length, size - 20 - at));
      hash.update(piece.subarray(0, hashed));
      end = Buffer.concat([end, piece.subarray(hashed)]);
      at += piece.length;
      yield piece;
    }
    const told = end.toString('hex');
    if (at !== size || hash.digest('hex') !== told || (checksum ?? told) !== told) throw fail();
  };
}

/** A loose object: what it unpacks to has its id. @param oid 40 hex digits */
export function isLoose(oid: string): Proof {
  return async function* (body, _size, fail) {
    const hash = createHash('sha1');
    const inflate = createInflate();
    let broken: unknown;
    const ended = once(inflate, 'end').catch((error: unknown) => (broken = error));
    inflate.on('data', (bytes: Buffer) => hash.update(bytes));
    for await (const piece of body) {
      // One that is broken takes nothing any more.
      if (broken === undefined) await new Promise((done) => inflate.write(piece, done));
      yield piece;
    }
    inflate.end();
    await ended;
    if (broken !== undefined || hash.digest('hex') !== oid) throw fail();
  };
}

/** What is known to be lost, and accepted, is taken as it is. */
export const asItIs: Proof = (body) => body;
