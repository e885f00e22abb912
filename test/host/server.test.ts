import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { Engine } from '../../lib/host/durable/engine.ts';
import { serveRpc } from '../../lib/host/rpc.ts';
import { VirtualClock } from '../support/clock.ts';
import { newHost } from './new-host.ts';

test('HTTP functions are found by route and method', async (t) => {
  const { host } = await newHost(t);
  const answer = await host.request({ method: 'POST', path: '/api/echo/a%20b?x=1', headers: {}, body: 'hello' });
  assert.deepEqual([answer.status, answer.headers['x-name'], answer.body], [201, 'a b', 'hello']);
  assert.equal((await host.request({ method: 'GET', path: '/api/echo/a', headers: {} })).status, 405);
  assert.equal((await host.request({ method: 'GET', path: '/api/nothing', headers: {} })).status, 404);
  assert.equal((await host.request({ method: 'GET', path: '//', headers: {} })).status, 404);
  assert.equal((await host.request({ method: 'GET', path: '*', headers: {} })).status, 404);
});

test('the server answers this machine only, not a page that a browser shows', async (t) => {
  const { host } = await newHost(t);
  const { port } = await host.serve(0);
  const own = `127.0.0.1:${port}`;
  assert.deepEqual(await post(port, {}), { status: 201, body: 'hello' });
  assert.equal((await post(port, { host: `localhost:${port}` })).status, 201);
  assert.equal((await post(port, { origin: `http://${own}`, 'sec-fetch-site': 'same-origin' })).status, 201);
  for (const headers of [
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    assert.equal((await post(port, headers)).status, 403, JSON.stringify(headers));
  }
});

test('a body without end is cut off', async (t) => {
  const { host } = await newHost(t);
  const { port } = await host.serve(0);
  assert.equal((await post(port, {}, 'x'.repeat(33 * 1024 * 1024))).status, 413);
});

test('what a function throws is logged, and its caller learns nothing of it', async (t) => {
  const { host, logs } = await newHost(t);
  const { port } = await host.serve(0);
  assert.deepEqual(await post(port, {}, 'hello', '/api/breaks'), { status: 500, body: '' });
  assert.deepEqual(
    logs.filter(({ level }) => level === 'error').map(({ message }) => message),
    ['The shelf fell down.'],
  );
});

test('the port for the functions of this process answers nobody who does not know its path', async () => {
  const engine = new Engine({ clock: new VirtualClock(), maxActivities: 1, invoke: () => Promise.resolve({}) });
  const failed = (error: unknown) => assert.fail(String(error));
  const rpc = await serveRpc(engine, { secret: 'a1b2', failed });
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${rpc.port}${path}`)).status;
  assert.equal(await status('/a1b2/instances'), 200);
  for (const path of [
    '/',
    '/instances',
    '/durabletask/instances',
    '/a1b/instances',
    '/A1B2/instances',
    '//a1b2/instances',
  ])
    assert.equal(await status(path), 404, path);
  await rpc.close();
});

interface Answer {
  status: number | undefined;
  body: string;
}

/** With node:http, since fetch sets Host and Origin itself. */
function post(port: number, headers: Record<string, string>, body = 'hello', path = '/api/echo/a'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method: 'POST', headers }, (incoming) => {
      let text = '';
      incoming.on('data', (piece) => (text += String(piece)));
      incoming.on('end', () => resolve({ status: incoming.statusCode, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
