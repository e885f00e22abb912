import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../support/clock.ts';
import { errorOf, openCallers, rest, type Answer } from './caller.ts';

const referer = '@esri/arcgis-rest-js';
const account = { username: 'backup', password: 'correct-horse-battery', client: 'referer', referer };

test('a wrong password is an error 400 inside HTTP 200, and does not say what was wrong', async (t) => {
  const { nobody } = await openCallers(t);
  for (const wrong of [{ password: 'x' }, { username: 'nobody' }]) {
    const { error } = await nobody.post(`${rest}/generateToken`, { ...account, ...wrong });
    assert.deepEqual([error?.code, error?.details], [400, ['Invalid username or password.']]);
  }
});

test('disabled members and those who sign in elsewhere get no token', async (t) => {
  const { nobody, org } = await openCallers(t);
  org.addMember('left', { disabled: true });
  org.addMember('saml', { password: null });
  for (const username of ['left', 'saml']) {
    const answer = await nobody.post(`${rest}/generateToken`, {
      ...account,
      username,
      password: `${username}-password`,
    });
    assert.equal(answer.error?.code, 400, username);
  }
});

test('the token of a member who was disabled since is 498', async (t) => {
  const { ana, org } = await openCallers(t);
  assert.equal((await ana.read(`${rest}/community/self`))['username'], 'ana');
  org.addMember('ana', { disabled: true });
  assert.deepEqual(errorOf(await ana.read(`${rest}/community/self`)), [498]);
});

test('a token works with the Referer that it is bound to, and is 498 inside HTTP 200 with any other', async (t) => {
  const { nobody } = await openCallers(t);
  const { token } = await nobody.post<{ token: string }>(`${rest}/generateToken`, account);
  const self = async (headers: Record<string, string>) => {
    const response = await nobody.get(`${rest}/community/self`, { f: 'json', token }, headers);
    assert.equal(response.status, 200);
    return (await response.json()) as Answer;
  };
  assert.equal((await self({ referer }))['username'], 'backup');
  assert.deepEqual(errorOf(await self({ referer: 'https://elsewhere.example' })), [498]);
  assert.deepEqual(errorOf(await self({})), [498]);
});

test('a token has run out to the millisecond, also for /data of a public item', async (t) => {
  const clock = new VirtualClock();
  const { nobody, org } = await openCallers(t, { clock, behaviour: { tokenMinutes: 30 } });
  const { record } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { n: 1 }, access: 'public' });
  const form = { ...account, client: 'requestip', expiration: '20160' };
  const { token, expires } = await nobody.post<{ token: string; expires: number }>(`${rest}/generateToken`, form);
  assert.equal(expires, clock.now() + 30 * 60_000, 'the administrator caps what was asked for');
  const data = async () => (await nobody.get(`${rest}/content/items/${record.id}/data`, { token })).json();
  clock.advance(30 * 60_000 - 1);
  assert.deepEqual(await data(), { n: 1 });
  clock.advance(1);
  assert.deepEqual(errorOf((await data()) as Answer), [498]);
});

test('a token is taken from either header, the query and a form', async (t) => {
  const { nobody, admin, portal } = await openCallers(t);
  const { token } = portal.tokens.issue('backup', 60);
  for (const name of ['X-Esri-Authorization', 'Authorization']) {
    const response = await nobody.get(`${rest}/community/self`, { f: 'json' }, { [name]: `Bearer ${token}` });
    assert.equal(((await response.json()) as Answer)['username'], 'backup', name);
  }
  assert.equal((await admin.read(`${rest}/community/self`))['username'], 'backup');
  assert.equal((await admin.post(`${rest}/community/self`))['username'], 'backup', 'reads answer POST as well');
});

test('an app gets a token in seconds, with and without a slash at the end, and perhaps no user', async (t) => {
  const { nobody, org, portal } = await openCallers(t);
  const { clientId: client_id, clientSecret: client_secret } = org.app;
  const form = { client_id, client_secret, grant_type: 'client_credentials', expiration: '60' };
  for (const path of ['/oauth2/token', '/oauth2/token/']) {
    const answer = await nobody.post(rest + path, form);
    assert.deepEqual([answer['expires_in'], typeof answer['access_token']], [3600, 'string']);
  }
  portal.behaviour.selfForApps = 'error';
  const { access_token: token } = await nobody.post<{ access_token: string }>(`${rest}/oauth2/token`, form);
  assert.deepEqual(errorOf(await nobody.read(`${rest}/community/self`, { token })), [403, 'GWM_0003']);
});

test('without f=json an answer is a page, as at the real portal', async (t) => {
  const { admin } = await openCallers(t);
  assert.match((await admin.get(`${rest}/community/self`)).headers.get('content-type') ?? '', /text\/html/);
});

test('nobody gets a list of members, or an empty one where a test wants that trap', async (t) => {
  const { nobody, portal } = await openCallers(t);
  assert.deepEqual(errorOf(await nobody.read(`${rest}/portals/self/users`)), [499, 'GWM_0003']);
  portal.behaviour.silentAnonymous = true;
  const answer = await nobody.read(`${rest}/portals/self/users`);
  assert.deepEqual([answer.total, answer['users']], [0, []]);
});
