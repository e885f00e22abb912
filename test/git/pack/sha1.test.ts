import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Sha1 } from '../../../lib/git/pack/sha1.ts';

const bytes = Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 7 + (n >> 3)) & 0xff));
const right = (length: number) => createHash('sha1').update(bytes.subarray(0, length)).digest('hex');

test('SHA-1 of every length is that of node, written down and gone on with at every place', () => {
  for (let length = 0; length <= 200; length++) {
    const whole = new Sha1();
    whole.update(bytes.subarray(0, length));
    assert.equal(whole.digest().toString('hex'), right(length));
  }
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = new Sha1();
    first.update(bytes.subarray(0, cut));
    const second = Sha1.resume(Buffer.from(first.save()));
    second.update(bytes.subarray(cut));
    assert.equal(second.digest().toString('hex'), right(bytes.length), `cut at ${cut}`);
  }
  assert.throws(() => Sha1.resume(Buffer.alloc(3)), RangeError);
});
