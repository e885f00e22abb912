import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What becomes of a connection: nothing ever comes, or what is given, and then nothing ever. */
export type Played = { silent: true } | { says: string };

/** A server whose connections go silent without being closed, as when the other end has lost power. */
export interface HalfOpen {
  port: number;
  /** connections so far */
  accepted: number;
  close(): Promise<void>;
}

/**
 * Plays one of these for each connection, and the last one for all that come after; it speaks when it has heard the head of
 * a request, and takes no more than that.
 */
export async function startHalfOpen(...played: Played[]): Promise<HalfOpen> {
  const sockets = new Set<Socket>();
  const state = { accepted: 0 };
  const server = createServer((socket) => {
    const now = played[Math.min(state.accepted, played.length - 1)];
    state.accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (now === undefined || 'silent' in now) return void socket.resume();
    socket.on('data', () => socket.write(now.says));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(state, { port: (server.address() as AddressInfo).port, close });
}

/** An answer of HTTP. */
export function answer(status: number, headers: Record<string, string | number>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Any\r\n${lines.join('')}\r\n${body}`;
}
