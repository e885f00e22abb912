import assert from 'node:assert/strict';
import { win32 } from 'node:path';
import { test } from 'node:test';
import { largeName } from '../../lib/archive/layout.ts';
import { isOnDisk, readStoreAddress } from '../../lib/storage/address.ts';

for (const path of [
  'C:\\backup.git',
  'D:\\Ago Backup\\backup.git',
  '\\\\nas\\backups\\backup.git',
  '\\\\?\\C:\\backup.git',
])
  test(`file:${path} is a directory of Windows, whole`, () => {
    const address = `file:${path}`;
    assert.deepEqual(readStoreAddress(address), { kind: 'directory', path });
    assert.ok(isOnDisk(address));
    assert.equal(win32.resolve(path).toLowerCase(), path.toLowerCase());
  });

test('a blob below a long root is found by the form that has no limit of 260 characters', () => {
  const root = win32.resolve(`C:\\${'folder\\'.repeat(40)}backup.git`);
  const path = win32.toNamespacedPath(win32.join(root, ...largeName('a'.repeat(64)).split('/')));
  assert.ok(path.length > 260 && path.startsWith('\\\\?\\C:\\folder\\'));
  assert.equal(win32.dirname(win32.resolve('Z:\\')), 'Z:\\', 'a drive has nothing above it');
});
