import type { HttpResponseInit } from '@azure/functions';

const kinds: readonly [type: string, begins: readonly number[], at?: number][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
];

/** A picture by what its first bytes say; undefined for all else, SVG too, which may hold scripts. https://mimesniff.spec.whatwg.org/ */
export function pictureType(bytes: Uint8Array): string | undefined {
  return kinds.find(([, begins, at = 0]) => begins.every((byte, n) => bytes[at + n] === byte))?.[0];
}

/** A member's picture, under which nothing runs. */
export function pictureAnswer(bytes: Uint8Array): HttpResponseInit | undefined {
  const type = pictureType(bytes);
  if (type === undefined) return undefined;
  const headers = {
    'content-type': type,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, max-age=3600',
  };
  return { status: 200, body: bytes, headers };
}
