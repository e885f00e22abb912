/** Hears how many more bytes have come over. */
export type Tell = (bytes: number) => void;

/** A body on its way, of which somebody hears. */
export async function* told(body: AsyncIterable<Uint8Array>, tell: Tell): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    tell(piece.length);
    yield piece;
  }
}
