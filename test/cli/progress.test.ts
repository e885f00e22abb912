import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createProgress } from '../../lib/cli/progress.ts';
import { logLine, type LogEvent } from '../../lib/monitor/log.ts';
import { FakeTerminal } from './terminal.ts';

const runId = '0190f3f1-0000-7000-8000-000000000000';
const itemId = 'a'.repeat(32);

/** A bar, and a way to let it hear; each draws at once, without waiting for its timer. */
function newBar(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const terminal = new FakeTerminal();
  const progress = createProgress(terminal, 'auto');
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

test('in a pipe there is nothing', () => {
  const pipe = new FakeTerminal(false);
  const progress = createProgress(pipe, 'auto');
  progress.hear('{}', { event: 'items.planned', runId, count: 1 });
  progress.stop();
  assert.equal(pipe.text, '');
});

test('with --log there are the log lines themselves, on a terminal as well', () => {
  const terminal = new FakeTerminal();
  const progress = createProgress(terminal, 'lines');
  const event: LogEvent = { event: 'user.checked', runId, user: 'ana\u009b2J' };
  progress.hear(logLine(event), event);
  progress.stop();
  assert.equal(terminal.text, `{"event":"user.checked","runId":"${runId}","user":"ana\\u009b2J"}\n`);
});
