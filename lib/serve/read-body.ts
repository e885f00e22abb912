/** A whole body of a request; undefined when it is longer, of which then no more is read. @param most bytes */
export async function readBody(body: AsyncIterable<Uint8Array> | null, most: number): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > most) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
