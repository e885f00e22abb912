import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { ContainerClient } from '@azure/storage-blob';
import { AzureStore } from '../../../lib/storage/azure/azure.ts';
import { systemClock } from '../../../lib/clock.ts';
import { openStore } from '../../../lib/storage/open.ts';
import { transfer } from '../../../lib/storage/transfer.ts';
import { startAzurite, type Azurite } from '../../support/azurite.ts';
import { noise, pieces } from '../bodies.ts';

let azurite: Azurite;

before(async () => {
  azurite = await startAzurite();
});

after(() => azurite.close());

test('where the cloud copies nothing between two containers, as in Azurite, a blob goes through the worker', async () => {
  const [from, to] = ['scratch', 'archive'].map((name) => openStore(azurite.container(name), { clock: systemClock }));
  assert.ok(from && to);
  await Promise.all([from.create(), to.create()]);
  const bytes = noise(20_000_000);
  await from.putStream('staging/x/tmp/ä 1', pieces(bytes, 1_000_000));
  assert.equal(await transfer(from, 'staging/x/tmp/ä 1', to, 'lfs/1'), 'through the worker');
  assert.ok((await to.get('lfs/1'))?.bytes.equals(bytes));
  assert.equal(await transfer(from, 'none', to, 'lfs/2'), undefined);
  assert.equal(await to.stat('lfs/2'), undefined);
});

/** An account that fetches blocks itself, with the token that it is given: what it was asked, in order. */
async function fetchingAccount(refuses: boolean) {
  const asked: { what: string | null; source: string; range: string; authorization: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const header = (name: string) => request.headers[name]?.toString() ?? '';
      asked.push({
        what: new URL(request.url ?? '', 'http://x').searchParams.get('comp'),
        source: header('x-ms-copy-source'),
        range: header('x-ms-source-range'),
        authorization: header('x-ms-copy-source-authorization'),
        body: body.toString(),
      });
      response.writeHead(refuses ? 403 : 201, { 'x-ms-error-code': 'CannotVerifyCopySource' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account/archive`;
  const store = new AzureStore(new ContainerClient(url), { token: () => Promise.resolve('the token') });
  return { asked, store, close: () => server.close() };
}

const source = { address: 'https://host.blob.core.windows.net/scratch', name: 'staging/x/ä 1', size: 600 * 1024 ** 2 };

test('where it does, it is told the blob, by blocks, and the token of who may read it', async (t) => {
  const { asked, store, close } = await fetchingAccount(false);
  t.after(close);
  assert.equal(await store.adopt(source, 'lfs/1'), true);
  const [first, second, third, list] = asked;
  assert.deepEqual(
    asked.map(({ what }) => what),
    ['block', 'block', 'block', 'blocklist'],
  );
  assert.equal(first?.source, 'https://host.blob.core.windows.net/scratch/staging/x/%C3%A4%201');
  assert.deepEqual(
    [first.range, second?.range, third?.range],
    ['bytes=0-268435455', 'bytes=268435456-536870911', 'bytes=536870912-629145599'],
  );
  assert.equal(first.authorization, 'Bearer the token');
  assert.equal(list?.body.match(/<Latest>/g)?.length, 3);
});

test('where the source is refused, as behind a firewall, nothing is written, and the worker takes it', async (t) => {
  const { asked, store, close } = await fetchingAccount(true);
  t.after(close);
  assert.equal(await store.adopt(source, 'lfs/1'), false);
  assert.deepEqual(
    asked.map(({ what }) => what),
    ['block'],
  );
});
