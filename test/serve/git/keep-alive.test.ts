import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObjectReader } from '../../../lib/git/object-reader.ts';
import { Packs } from '../../../lib/git/pack/packs.ts';
import { Collector } from '../../../lib/serve/git/collect.ts';
import { everything } from '../../../lib/serve/git/filter.ts';
import { mark, packet, readPackets } from '../../../lib/serve/git/pkt-line.ts';
import { serveGit } from '../../../lib/serve/git/serve.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { commitNext, newArchive } from '../../archive/archive.ts';
import { VirtualClock } from '../../support/clock.ts';

/** A clone of an archive whose store does not answer until it is let, once the client has been told the first thing. */
async function cloned(...said: string[]) {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { 'a.txt': 'of an older pack, which nobody has looked into yet' });
  const head = await commitNext(store, repository, { 'b.txt': 'b' });
  let waiting: Promise<void> | undefined;
  let go = () => undefined as void;
  const slow: BlobStore = Object.create(store) as BlobStore;
  slow.get = async (...args) => (await waiting, store.get(...args));
  slow.stream = async (...args) => (await waiting, store.stream(...args));
  slow.stat = async (...args) => (await waiting, store.stat(...args));
  slow.list = (prefix) => store.list(prefix);
  const failures: unknown[] = [];
  const lines = [`want ${head}`, ...said, 'done'].map((line) => packet(`${line}\n`));
  const body = Buffer.concat([packet('command=fetch\n'), mark('delim'), ...lines, mark('flush')]);
  const failed = (error: unknown) => void failures.push(error);
  const answer = await serveGit(slow, new VirtualClock()).uploadPack(
    { encoding: null, body: [body] as never },
    { protocol: 'version=2', failed },
  );
  const pieces = answer.body[Symbol.asyncIterator]();
  const next = async () => Buffer.from((await pieces.next()).value as Uint8Array).toString('latin1');
  assert.match(await next(), /packfile/);
  const stop = () => void (waiting = new Promise<void>((resolve) => (go = () => resolve())));
  return { pieces, next, stop, go: () => go(), failures };
}

test('while objects are counted, the client hears how far we are', async () => {
  const { next, stop, go, pieces } = await cloned();
  stop();
  for (let n = 0; n < 3; n++) assert.match(await next(), /^....\x02Counting objects: \d+\r$/);
  go();
  let rest = '';
  for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next())
    rest += Buffer.from(piece.value).toString('latin1');
  const packets = readPackets(Buffer.from(rest, 'latin1')) ?? assert.fail('cut');
  assert.match(rest, /Sending \d+ objects/);
  assert.ok(packets.some((each) => each.toString('latin1').startsWith('\x01PACK')));
});

test('a client that wants to hear nothing gets empty packets, which keep its connection open', async () => {
  const { next, stop, go } = await cloned('no-progress');
  stop();
  for (let n = 0; n < 3; n++) assert.equal(await next(), '0005\x01');
  go();
});

test('who hangs up while objects are counted ends the counting', async () => {
  const { next, stop, go, pieces, failures } = await cloned();
  stop();
  await next();
  const over = pieces.return?.();
  go();
  await over;
  assert.deepEqual([await pieces.next(), failures], [{ done: true, value: undefined }, []]);
});

test('nothing more is counted for who has hung up', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { 'a.txt': 'a' });
  const packs = new Packs(store);
  const collector = new Collector(new ObjectReader(store, packs), await packs.table(), everything, AbortSignal.abort());
  await assert.rejects(collector.addTree('0'.repeat(40), []), { name: 'AbortError' });
});
