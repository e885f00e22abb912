import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTick } from '../lib/schedule.ts';

test('the schedule tells when the next backup comes', () => {
  assert.equal(nextTick('0 0 2 * * *', Date.UTC(2026, 10, 29, 3)), Date.UTC(2026, 10, 30, 2));
});
