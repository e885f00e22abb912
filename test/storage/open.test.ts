import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { openStore } from '../../lib/storage/open.ts';

const parts = {
  clock: systemClock,
  credential: () => ({ getToken: () => Promise.reject(new Error('nobody asks for a token here')) }),
};

it('a path is a directory, relative to where the command runs', () => {
  const store = openStore('file:./backup.git', parts);
  assert.ok(store instanceof DirectoryStore);
  assert.equal(store.address, `file:${resolve('backup.git')}`);
  assert.equal(openStore('file:///var/backup.git', parts).address, `file:${resolve('/var/backup.git')}`);
});

it('an address of Azure is a container, opened with the identity', () => {
  let asked = 0;
  const credential = () => {
    asked += 1;
    return parts.credential();
  };
  const address = 'https://account.blob.core.windows.net/backup';
  for (const each of [address, `${address}/`]) {
    const store = openStore(each, { clock: systemClock, credential });
    assert.equal(store.address, address);
  }
  assert.equal(asked, 2);
});

it('the development account on the loopback needs no identity', () => {
  const credential = () => assert.fail('no identity is needed');
  for (const host of ['127.0.0.1:10000', 'localhost:4711', '[::1]:10000']) {
    const address = `http://${host}/devstoreaccount1/backup`;
    assert.equal(openStore(address, { clock: systemClock, credential }).address, address);
  }
});

it('any other address is refused by name of the setting, and is not repeated', () => {
  const wrong = [
    '',
    'file:',
    'backup.git',
    '/var/backup.git',
    'https://account.blob.core.windows.net/',
    'https://account.blob.core.windows.net/backup/folder',
    'https://account.blob.core.windows.net/UPPER',
    'https://account.blob.core.windows.net/$root',
    'https://account.blob.core.windows.net/backup?sv=2024&sig=secret',
    'https://user:secret@account.blob.core.windows.net/backup',
    'http://account.blob.core.windows.net/backup',
    'http://example.org/devstoreaccount1/backup',
    'http://127.0.0.1:10000/otheraccount/backup',
    'ftp://127.0.0.1/devstoreaccount1/backup',
  ];
  for (const address of wrong) {
    assert.throws(
      () => openStore(address, parts),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'SETTINGS_INVALID', address);
        assert.match(error.message, /BACKUP_STORE/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
      address,
    );
  }
});
