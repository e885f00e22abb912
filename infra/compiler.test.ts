import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiler } from './compiler.ts';

test('a compiler of another version is refused, with the command that brings the right one', () => {
  assert.throws(() => compiler(process.execPath), /is not Bicep [\d.]+\. Run `az bicep install --version v[\d.]+`/);
});

test('a compiler that is not there is refused in the same way', () => {
  assert.throws(() => compiler('/nowhere/bicep'), /is not Bicep/);
});
