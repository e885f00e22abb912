import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/**
 * A proxy as organizations have it: CONNECT for what is encrypted, whole addresses for what is not. `seen` is what it was asked for:
 * host and port of each request.
 * @param to where every connection goes, whatever name was asked for: names that only the proxy knows
 */
export async function startProxy(to?: { port: number }) {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  // Not through itself, should it run in the process that it serves.
  const agent = new Agent();
  const server = createServer((ask, answer) => {
    const url = new URL(ask.url ?? '');
    seen.push(url.host);
    const { method, headers } = ask;
    const options = {
      agent,
      method,
      headers,
      host: url.hostname,
      port: to?.port ?? url.port,
      path: url.pathname + url.search,
    };
    const onward = request(options, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    ask.pipe(onward);
  });
  server.on('connect', (ask, socket: Socket, head) => {
    seen.push(ask.url ?? '');
    const [host, port] = (ask.url ?? '').split(':');
    const onward = connect(to?.port ?? Number(port), to === undefined ? host : '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    for (const each of [socket, onward]) each.on('error', () => each.destroy());
  });
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    agent.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, seen, close };
}
