/** Yes or no for each of many things that have a number, an eighth of a byte each. */
export type Bits = Uint8Array;

/** All no. */
export const newBits = (count: number): Bits => new Uint8Array(Math.ceil(count / 8));

/** Is it yes? */
export function hasBit(bits: Bits, n: number): boolean {
  return ((bits[n >>> 3] ?? 0) & (1 << (n & 7))) !== 0;
}

/** Makes it yes; false when it was. */
export function setBit(bits: Bits, n: number): boolean {
  if (hasBit(bits, n)) return false;
  bits[n >>> 3]! |= 1 << (n & 7);
  return true;
}
