import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lanes } from '../../lib/run/lanes.ts';

/** Questions that are answered when the test says so. */
class Questions {
  readonly #open: (() => void)[] = [];
  asked = 0;
  most = 0;
  under = 0;

  ask = async (n: number): Promise<number> => {
    this.asked += 1;
    this.most = Math.max(this.most, ++this.under);
    await new Promise<void>((resolve) => this.#open.push(resolve));
    this.under -= 1;
    if (n < 0) throw new Error(`no ${n}`);
    return n * 10;
  };

  /** Answers one, or all that come. */
  async answer(count = Infinity): Promise<void> {
    for (let n = 0; n < count; n++) {
      const next = this.#open.shift();
      if (next === undefined) return;
      next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test('an activity with much to ask borrows the idle lanes, and its answers keep their order', async () => {
  const lanes = new Lanes(4);
  const questions = new Questions();
  const answers = lanes.run(() => lanes.map(numbers(30), questions.ask));
  await turn();
  assert.equal(questions.under, 4);
  await questions.answer();
  assert.deepEqual(
    await answers,
    numbers(30).map((n) => n * 10),
  );
  assert.equal(questions.most, 4);
});

test('an activity that begins gets its lane as soon as one question on a borrowed one is answered', async () => {
  const lanes = new Lanes(2);
  const questions = new Questions();
  const wide = lanes.run(() => lanes.map(numbers(9), questions.ask));
  await turn();
  const other = new Questions();
  const end = lanes.run(() => other.ask(1));
  await turn();
  assert.deepEqual([questions.under, other.under], [2, 0], 'there is no lane left');
  await questions.answer(2);
  assert.deepEqual([questions.under, other.under], [1, 1]);
  await other.answer();
  await end;
  await questions.answer();
  await wide;
  assert.equal(questions.most, 2);
});

test('no more activities go on than there are lanes; who came first begins first, and before them who goes first', async () => {
  const lanes = new Lanes(2);
  const questions = new Questions();
  const begun: number[] = [];
  const ask = (n: number) => {
    begun.push(n);
    return questions.ask(n);
  };
  const ends = [1, 2, 3, 4].map((n) => lanes.run(() => ask(n)));
  ends.push(lanes.run(() => ask(5), true));
  await turn();
  assert.deepEqual(begun, [1, 2]);
  await questions.answer();
  assert.deepEqual(await Promise.all(ends), [10, 20, 30, 40, 50]);
  assert.deepEqual([begun, questions.most], [[1, 2, 5, 3, 4], 2]);
});

test('an activity that fails gives its lane to the next one', async () => {
  const lanes = new Lanes(1);
  const failed = assert.rejects(
    lanes.run(() => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await lanes.run(() => Promise.resolve(7)), 7);
  await failed;
});

test('an activity with many things to do lets those begin that wait, and goes on behind them', async () => {
  const lanes = new Lanes(1);
  const done: string[] = [];
  const long = async (name: string) => {
    for (let n = 1; n <= 3; n++) {
      if (n > 1) await lanes.letOthers();
      done.push(`${name}${n}`);
      await turn();
    }
  };
  const short = (name: string) => lanes.run(() => Promise.resolve(done.push(name)));
  const ends = [lanes.run(() => long('a')), lanes.run(() => long('b')), short('x'), short('y')];
  await Promise.all(ends);
  assert.deepEqual(done, ['a1', 'b1', 'x', 'y', 'a2', 'a3', 'b2', 'b3']);
});

test('an activity that lets others begin goes on although there is always one that waits', async () => {
  const lanes = new Lanes(1);
  let ended = 0;
  const oneAfterTheOther = async () => {
    for (let n = 0; n < 300; n++) await lanes.run(async () => void (await turn(), (ended += 1)));
  };
  const wentOn: number[] = [];
  const long = lanes.run(async () => {
    for (let n = 0; n < 3; n++) {
      await turn();
      await lanes.letOthers();
      wentOn.push(ended);
    }
  });
  await Promise.all([long, oneAfterTheOther(), oneAfterTheOther(), oneAfterTheOther()]);
  assert.equal(ended, 900);
  assert.ok(
    wentOn.every((count, n) => count <= 20 * (n + 1)),
    wentOn.join(),
  );
});

test('of questions that fail the first one is told when nothing is under way any more, and no other is begun', async () => {
  const lanes = new Lanes(3);
  const questions = new Questions();
  const answers = lanes.run(() => lanes.map([1, -2, -3, 4, 5, 6], questions.ask));
  const rejected = assert.rejects(answers, /no -2/);
  await turn();
  await questions.answer();
  await rejected;
  assert.deepEqual([questions.under, questions.asked <= 4], [0, true]);
  const after = lanes.run(() => lanes.map(numbers(3), questions.ask));
  await turn();
  assert.equal(questions.under, 3, 'every lane was given back');
  await questions.answer();
  await after;
});
