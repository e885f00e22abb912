import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../secret.ts';

/** What somebody may: nothing, look, or also start and end what changes something. */
export type Role = 'none' | 'reader' | 'operator';

/** The keys that open the archive; one that is not set opens nothing. */
export interface Keys {
  reader: Secret | undefined;
  operator: Secret | undefined;
}

/** The role that a presented key gives. Takes as long for a wrong key as for a right one, whatever their lengths. */
export function roleOfKey(keys: Keys, presented: string): Role {
  const isOperator = isSame(keys.operator, presented);
  const isReader = isSame(keys.reader, presented);
  if (isOperator) return 'operator';
  return isReader ? 'reader' : 'none';
}

/**
 * The role that an Authorization header gives: the key as password of Basic, of any user. A browser sends it again by
 * itself, to whoever's page asks for it: take it only where nothing can be changed.
 * https://www.rfc-editor.org/rfc/rfc7617
 */
export function roleOfBasic(keys: Keys, authorization: string | undefined): Role {
  const encoded = /^basic +([A-Za-z0-9+/]{1,2048}={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return 'none';
  const credentials = Buffer.from(encoded, 'base64').toString();
  const colon = credentials.indexOf(':');
  return colon < 0 ? 'none' : roleOfKey(keys, credentials.slice(colon + 1));
}

/** Digests have one length, which timingSafeEqual demands. An empty key is none. */
function isSame(key: Secret | undefined, presented: string): boolean {
  const value = key?.reveal() ?? '';
  const same = timingSafeEqual(digest(value), digest(presented));
  return same && value !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
