import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorityOf } from '../../lib/vault/authority.ts';

for (const [address, authority] of [
  ['https://account.blob.core.windows.net/archive', undefined],
  ['https://vault.vault.azure.net', undefined],
  ['https://account.blob.core.usgovcloudapi.net/archive', 'https://login.microsoftonline.us'],
  ['https://vault.vault.usgovcloudapi.net', 'https://login.microsoftonline.us'],
  ['https://account.blob.core.chinacloudapi.cn/archive', 'https://login.chinacloudapi.cn'],
  ['https://vault.vault.azure.cn', 'https://login.chinacloudapi.cn'],
  ['https://usgovcloudapi.net.evil.example/archive', undefined],
  ['file:./backup.git', undefined],
] as const)
  test(`who gives tokens for ${address}`, () => assert.equal(authorityOf(address), authority));
