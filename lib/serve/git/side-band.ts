import { packet } from './pkt-line.ts';

/** What a packet of the side band is. https://git-scm.com/docs/protocol-capabilities#_side_band_side_band_64k */
export const band = { pack: 1, progress: 2, failure: 3 } as const;

/** A line for the person before the client; with the end `\r` the next one is written over it. */
export function say(which: 'progress' | 'failure', text: string, end = '\n'): Buffer {
  return packet(Buffer.concat([Buffer.from([band[which]]), Buffer.from(`${text.slice(0, 900)}${end}`)]));
}

/** A packet that says nothing, and keeps a connection open. */
export const nothing = packet(Buffer.from([band.pack]));

/**
 * Bytes in packets of the side band, each as full as it may be.
 * @param most bytes of a packet
 */
export async function* onSideBand(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Buffer> {
  const room = most - 5;
  let waiting: Uint8Array[] = [];
  let length = 0;
  const flush = () => {
    const sent = packet(Buffer.concat([Buffer.from([band.pack]), ...waiting]));
    waiting = [];
    length = 0;
    return sent;
  };
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + room - length);
      waiting.push(part);
      length += part.length;
      at += part.length;
      if (length === room) yield flush();
    }
  }
  if (length > 0) yield flush();
}
