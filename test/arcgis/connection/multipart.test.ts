import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { sendCall } from '../../../lib/arcgis/connection/call.ts';
import type { SentFile } from '../../../lib/arcgis/connection/multipart.ts';
import { BackupError } from '../../../lib/errors.ts';

/** What arrived, read by a parser that is not ours. */
async function listening(t: TestContext) {
  const arrived: { headers: IncomingMessage['headers']; form: FormData | undefined }[] = [];
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = { 'content-type': request.headers['content-type'] ?? '' };
      void new Response(Buffer.concat(chunks), { headers }).formData().then((form) => {
        arrived.push({ headers: request.headers, form });
        answer.end('{}');
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((end) => server.closeAllConnections() ?? server.close(end)));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/addPart?partNum=1`);
  const send = (file: File | SentFile) =>
    sendCall(
      fetch,
      url,
      { method: 'POST', params: { f: 'json', tags: 'ä,"b"' }, files: { file }, what: 'Sending' },
      10_000,
    );
  return { arrived, send };
}

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7) % 256));
const sent: SentFile = {
  name: 'a "b"\r\nü.zip',
  size: bytes.length,
  seal: 'c'.repeat(64),
  read: async function* () {
    for (let n = 0; n < bytes.length; n += 65_536) yield await Promise.resolve(bytes.subarray(n, n + 65_536));
  },
};

test('a file that is read while it is sent arrives as one from memory does, with its length told beforehand', async (t) => {
  const { arrived, send } = await listening(t);
  for (const file of [sent, new File([bytes], sent.name)]) await send(file);
  const told = await Promise.all(
    arrived.map(async ({ headers, form }) => {
      const file = form?.get('file');
      assert.ok(file instanceof File);
      assert.ok(Number(headers['content-length']) > bytes.length && headers['transfer-encoding'] === undefined);
      assert.ok(Buffer.from(await file.arrayBuffer()).equals(bytes));
      return [file.name, form?.get('f'), form?.get('tags')];
    }),
  );
  assert.equal(told.length, 2);
  assert.deepEqual(told[0], told[1]);
});

test('what breaks off the reading of a file is what its sending fails with', async (t) => {
  const { arrived, send } = await listening(t);
  const damaged = new BackupError('RESTORE_DAMAGED', 'It is missing in the archive.');
  const broken: SentFile = {
    ...sent,
    read: async function* () {
      yield bytes.subarray(0, 1000);
      await Promise.reject(damaged);
    },
  };
  await assert.rejects(send(broken), damaged);
  assert.deepEqual(arrived, []);
});
