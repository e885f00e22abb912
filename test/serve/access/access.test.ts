import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../lib/secret.ts';
import { roleOfBasic, roleOfKey } from '../../../lib/serve/access/keys.ts';
import { isFromOwnPage } from '../../../lib/serve/access/same-site.ts';
import { isToken, readSession, signIn, signOut } from '../../../lib/serve/access/session.ts';

const keys = { reader: new Secret('look-only'), operator: new Secret('may-start') };
const noKeys = { reader: undefined, operator: undefined };
const now = Date.UTC(2026, 10, 29);
const nonce = 'n'.repeat(22);
const eightHours = 8 * 3_600_000;

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
/** What a browser sends back of a Set-Cookie. */
const sent = (setCookie: string) => setCookie.split(';')[0] ?? '';

for (const [name, header, role] of [
  ['the read key', basic('git:look-only'), 'reader'],
  ['the operator key, of any user', basic('anybody:may-start'), 'operator'],
  ['a key without user', basic(':look-only'), 'reader'],
  ['a wrong key', basic('git:look-onlY'), 'none'],
  ['the beginning of a key', basic('git:look'), 'none'],
  ['no password', basic('git:'), 'none'],
  ['a key without colon', basic('look-only'), 'none'],
  ['a bearer', 'Bearer look-only', 'none'],
  ['an endless header', basic(`git:${'x'.repeat(100_000)}`), 'none'],
  ['no header', undefined, 'none'],
] as const) {
  test(`by Basic authentication, ${name} gives the role ${role}`, () => {
    assert.equal(roleOfBasic(keys, header), role);
  });
}

test('where no key is set, or an empty one, nothing opens', () => {
  const empty = { reader: new Secret(''), operator: new Secret('') };
  for (const presented of ['', 'undefined', 'look-only']) {
    assert.equal(roleOfKey(noKeys, presented), 'none');
    assert.equal(roleOfKey(empty, presented), 'none');
  }
  assert.throws(() => signIn(noKeys, 'reader', now, nonce), TypeError);
});

test('a session lasts eight hours and not a moment longer', () => {
  const cookie = sent(signIn(keys, 'operator', now, nonce));
  assert.equal(readSession(keys, `theme=dark; ${cookie}`, now + eightHours - 1)?.role, 'operator');
  assert.equal(readSession(keys, cookie, now + eightHours), undefined);
});

test('the cookie is for this host, over TLS, out of reach of scripts and other sites', () => {
  for (const cookie of [signIn(keys, 'reader', now, nonce), signOut()])
    assert.match(cookie, /^__Host-[^;]*; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal(readSession(keys, sent(signOut()), now), undefined);
});

test('a session that was altered anywhere is none, and a reader cannot become operator', () => {
  const cookie = sent(signIn(keys, 'reader', now, nonce));
  const value = cookie.indexOf('=') + 1;
  for (let at = value; at < cookie.length; at++) {
    const other = cookie[at] === 'A' ? 'B' : 'A';
    assert.equal(readSession(keys, cookie.slice(0, at) + other + cookie.slice(at + 1), now), undefined, `at ${at}`);
  }
  assert.equal(readSession(keys, cookie.replace('reader', 'operator'), now), undefined);
  assert.equal(readSession(keys, cookie + 'x'.repeat(1e6), now), undefined);
});

test('another key ends the sessions of the old one, and of no other', () => {
  const changed = { ...keys, reader: new Secret('look-only-2') };
  assert.equal(readSession(changed, sent(signIn(keys, 'reader', now, nonce)), now), undefined);
  assert.equal(readSession(noKeys, sent(signIn(keys, 'reader', now, nonce)), now), undefined);
  assert.equal(readSession(changed, sent(signIn(keys, 'operator', now, nonce)), now)?.role, 'operator');
});

test("a form's token is good in its own session alone, and is not the cookie's signature", () => {
  const cookie = sent(signIn(keys, 'operator', now, nonce));
  const own = readSession(keys, cookie, now);
  const foreign = readSession(keys, sent(signIn(keys, 'operator', now, 'm'.repeat(22))), now);
  assert.ok(own && foreign);
  assert.equal(isToken(own, own.csrf), true);
  for (const token of [foreign.csrf, cookie.split('.').at(-1) ?? '', '', own.csrf.slice(1)])
    assert.equal(isToken(own, token), false);
});

const ours = 'https://app.example';
for (const [name, headers, expected] of [
  ['our own page', { fetchSite: 'same-origin', origin: ours }, true],
  ['our own page in an older browser', { origin: ours }, true],
  ['another site', { fetchSite: 'cross-site', origin: 'https://evil.example' }, false],
  ['a neighbour of the same site', { fetchSite: 'same-site', origin: ours }, false],
  ['another site in an older browser', { origin: 'https://evil.example' }, false],
  ['an address that only begins like ours', { origin: `${ours}.evil.example` }, false],
  ['a page without origin', { origin: 'null' }, false],
  ['nobody who says where from', {}, false],
] as const) {
  test(`a change is ${expected ? 'taken' : 'refused'} from ${name}`, () => {
    assert.equal(isFromOwnPage(headers, ours), expected);
  });
}
