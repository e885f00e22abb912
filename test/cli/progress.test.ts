import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { showBytes } from '../../lib/cli/bytes-progress.ts';
import { createProgress } from '../../lib/cli/progress.ts';
import { nextRun } from '../../lib/cli/serve.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { logLine, type LogEvent } from '../../lib/monitor/log.ts';
import { FakeTerminal } from './terminal.ts';

const runId = '0190f3f1-0000-7000-8000-000000000000';
const itemId = 'a'.repeat(32);

/** A bar, and a way to let it hear; each draws at once, without waiting for its timer. */
function newBar(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const terminal = new FakeTerminal();
  const progress = createProgress(terminal, 'auto', systemClock);
  t.after(() => progress.stop());
  const hear = (event: Omit<LogEvent, 'runId'>) => {
    terminal.text = '';
    progress.hear('', { runId, ...event });
    t.mock.timers.tick(1000);
    return terminal.plain;
  };
  return { terminal, progress, hear };
}

test('a bar counts members, then items, with bytes and the exports that are waited for', (t) => {
  const { hear } = newBar(t);
  assert.match(hear({ event: 'members.listed', count: 2 }), /members \[.+\] 0\/2/);
  assert.match(hear({ event: 'user.checked', user: 'ana', count: 3 }), /members \[.+\] 1\/2/);
  assert.match(hear({ event: 'items.planned', count: 3 }), /items \[.+\] 0\/3/);
  assert.match(hear({ event: 'export.waiting', itemId }), new RegExp(`items .+ exporting ${itemId}`));
  const saved = hear({ event: 'item.saved', itemId, bytes: 1500 });
  assert.match(saved, /1\/3 1\.5 kB/);
  assert.doesNotMatch(saved, /exporting/);
  assert.match(hear({ event: 'item.failed', itemId: 'b', code: 'ITEM_GONE' }), /2\/3 1\.5 kB/);
});

test('a bar leaves the terminal as it was, also when it is stopped twice', (t) => {
  const { terminal, progress, hear } = newBar(t);
  hear({ event: 'items.planned', count: 1 });
  terminal.text = '';
  progress.stop();
  assert.ok(terminal.text.includes('\u001b[?25h'), 'the cursor stays hidden');
  assert.ok(terminal.text.includes('\u001b[0K') || terminal.text.includes('\u001b[2K'), 'the bar stays');
  terminal.text = '';
  progress.stop();
  t.mock.timers.tick(1000);
  assert.equal(terminal.text, '');
});

test('a bar that was stopped is not begun again by what is heard late', (t) => {
  const { terminal, progress, hear } = newBar(t);
  progress.stop();
  terminal.text = '';
  hear({ event: 'items.planned', count: 1 });
  hear({ event: 'item.saved', itemId, bytes: 1 });
  assert.equal(terminal.text, '');
});

test('whatever is heard, no sequence of a portal reaches the terminal', (t) => {
  const { hear } = newBar(t);
  const evil = 'x\u001b]52;c;evil\u0007\u009b2J\nBackup complete';
  hear({ event: 'items.planned', count: 3 });
  const shown = [
    hear({ event: 'user.checked', user: evil }),
    hear({ event: 'export.waiting', itemId: evil }),
    hear({ event: 'item.failed', itemId: 'b', code: evil }),
  ].join('');
  assert.doesNotMatch(shown, /\u0007|\u009b|\u001b|\nBackup complete/);
});

/** A clock whose minutes a test lets pass, one at a time. */
function minutes() {
  let now = Date.UTC(2026, 10, 29, 2);
  let wake: (() => void) | undefined;
  const clock: Clock = {
    now: () => now,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  const pass = async () => {
    now += 60_000;
    wake?.();
    await new Promise(setImmediate);
  };
  return { clock, pass };
}

test('in a pipe there is a line a minute, with rate, time left and what is worked at, and none after the end', async () => {
  const { clock, pass } = minutes();
  const pipe = new FakeTerminal(false);
  const progress = createProgress(pipe, 'auto', clock);
  const hear = (event: Omit<LogEvent, 'runId'>) => progress.hear('{}', { runId, ...event });
  hear({ event: 'members.listed', count: 2 });
  hear({ event: 'user.checked', user: 'ana', count: 4 });
  await pass();
  assert.equal(pipe.text, '2026-11-29 02:01 UTC  members: 1 of 2, 60 s left\n');
  hear({ event: 'items.planned', count: 4 });
  hear({ event: 'item.saved', itemId: 'b', bytes: 1_200_000 });
  progress.work({ id: itemId, title: 'Parcels\u009b2J\nBackup complete' });
  pipe.text = '';
  await pass();
  assert.equal(
    pipe.text,
    '2026-11-29 02:02 UTC  items: 1 of 4, 1.2 MB, 20.0 kB/s, 3 min left, Parcels 2J Backup complete\n',
  );
  progress.work({ id: itemId, title: null });
  hear({ event: 'export.waiting', itemId });
  pipe.text = '';
  await pass();
  assert.match(pipe.text, new RegExp(`, exporting \\(untitled, ${itemId}\\)\n$`));
  progress.stop();
  progress.stop();
  pipe.text = '';
  await pass();
  assert.equal(pipe.text, '');
});

test('bytes that come over are counted with rate and time left, a line a minute in a pipe', async () => {
  const { clock, pass } = minutes();
  const pipe = new FakeTerminal(false);
  const bytes = showBytes(pipe, clock, 'copied');
  bytes.expect(40_000_000_000);
  bytes.tell(6_000_000_000);
  await pass();
  assert.equal(pipe.text, '2026-11-29 02:01 UTC  6.0 GB of 40.0 GB copied, 100.0 MB/s, 6 min left\n');
  bytes.stop();
  pipe.text = '';
  await pass();
  assert.equal(pipe.text, '');
});

test('a bar of bytes that come over says how many there are, and is drawn no more after its end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const terminal = new FakeTerminal();
  const bytes = showBytes(terminal, systemClock, 'copied');
  bytes.expect(3_000_000);
  bytes.tell(1_500_000);
  t.mock.timers.tick(1000);
  assert.match(terminal.plain, /\[.+\] 1\.5 MB of 3\.0 MB copied/);
  bytes.stop();
  assert.ok(terminal.text.includes('\u001b[?25h'), 'the cursor stays hidden');
  terminal.text = '';
  bytes.tell(1);
  t.mock.timers.tick(1000);
  assert.equal(terminal.text, '');
});

for (const [now, text] of [
  ['2026-11-28T19:00', 'next run: Sunday 2026-11-29 02:00 UTC (in 7 h)'],
  ['2026-11-29T01:59:20', 'next run: Sunday 2026-11-29 02:00 UTC (in 40 s)'],
  ['2026-11-28T22:40', 'next run: Sunday 2026-11-29 02:00 UTC (in 3 h 20 min)'],
] as const)
  test(`when the next run comes is said in words: ${text}`, () => {
    assert.equal(nextRun('0 0 2 * * *', Date.parse(`${now}Z`)), text);
  });

test('a schedule that never comes is said to be one', () => {
  assert.equal(nextRun('0 0 2 30 2 *', 0), 'no run: 0 0 2 30 2 * never comes');
});

test('with --log there are the log lines themselves, on a terminal as well', () => {
  const terminal = new FakeTerminal();
  const progress = createProgress(terminal, 'lines', systemClock);
  const event: LogEvent = { event: 'user.checked', runId, user: 'ana\u009b2J' };
  progress.hear(logLine(event), event);
  progress.stop();
  assert.equal(terminal.text, `{"event":"user.checked","runId":"${runId}","user":"ana\\u009b2J"}\n`);
});
