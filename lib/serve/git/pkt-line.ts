/** A packet of git's wire: its bytes, or one of the marks that part a message. https://git-scm.com/docs/protocol-common */
export type Packet = Buffer | 'flush' | 'delim' | 'end';

const marks: Record<string, Exclude<Packet, Buffer>> = { '0000': 'flush', '0001': 'delim', '0002': 'end' };
/** The longest packet, its length's four digits among them. */
const longestPacket = 65_520;
/** The most bytes that one packet carries. */
export const mostBytes = longestPacket - 4;

/** The packet of these bytes. Throws RangeError when they are too many for one. */
export function packet(bytes: string | Uint8Array): Buffer {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  if (body.length > mostBytes) throw new RangeError(`${body.length} bytes do not fit into a packet`);
  const length = (body.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), body]);
}

/** A mark as it is sent. */
export function mark(which: Exclude<Packet, Buffer>): Buffer {
  return Buffer.from(which === 'flush' ? '0000' : which === 'delim' ? '0001' : '0002');
}

/** The packets of a whole message; undefined when it is cut, or is none. */
export function readPackets(message: Buffer): Packet[] | undefined {
  const packets: Packet[] = [];
  for (let at = 0; at < message.length;) {
    const digits = message.toString('latin1', at, at + 4);
    const found = marks[digits];
    const length = found === undefined ? readLength(digits) : 4;
    if (length === undefined || length > message.length - at) return undefined;
    packets.push(found ?? message.subarray(at + 4, at + length));
    at += length;
  }
  return packets;
}

function readLength(digits: string): number | undefined {
  const length = /^[0-9a-f]{4}$/i.test(digits) ? parseInt(digits, 16) : 0;
  return length >= 4 && length <= longestPacket ? length : undefined;
}
