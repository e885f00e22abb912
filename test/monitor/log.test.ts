import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logLine, readLogLine, type LogEvent } from '../../lib/monitor/log.ts';

const runId = '0190f3f1-0000-7000-8000-000000000000';

for (const [name, user] of [
  ['a line end', 'ana\n{"event":"run.completed"}'],
  ['a carriage return', 'ana\r\nbob'],
  ['a terminal sequence', 'ana\u001b[2J'],
  ['a terminal sequence in one character', 'ana\u009b2J'],
  ['the line ends of Unicode', 'ana\u0085\u2028\u2029bob'],
  ['quotes and backslashes', '"},{"\\'],
  ['half of a character', '\ud83d'],
  ['letters that run backwards', 'ana\u202eevil\u2066\u200f\u061c'],
] as const) {
  test(`a username with ${name} stays inside its line, and is read back as it was`, () => {
    const event: LogEvent = { event: 'user.checked', runId, user, count: 3 };
    const line = logLine(event);
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
    assert.deepEqual(readLogLine(line), event);
  });
}

test('whatever text is in an event, its line is one line that says the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer(), (user, bytes) => {
      const event: LogEvent = { event: 'item.saved', runId, user, bytes };
      const line = logLine(event);
      assert.equal(line.split(/[\r\n\u0085\u2028\u2029]/).length, 1);
      assert.deepEqual(readLogLine(line), event);
    }),
  );
});

test('a line that is no event is none', () => {
  for (const line of ['', 'Executing Functions.backup', '{"level":"info"}', '{"event":"run.started', ' {"event":"x"}'])
    assert.equal(readLogLine(line), undefined, line);
});
