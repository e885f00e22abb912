import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreachable } from '../../../lib/arcgis/connection/response.ts';
import { asRefusal } from '../../../lib/arcgis/connection/refused-sign-in.ts';
import { toFailure, toMessage, type BackupError } from '../../../lib/errors.ts';
import { Secret } from '../../../lib/secret.ts';
import { password, portalPair, readAll } from '../../support/open-portal.ts';

test('a wrong password is said to be one, and never shown', async (t) => {
  const { portal } = await portalPair(t, { credentials: () => password('backup', 'wrong-horse') });
  await assert.rejects(portal.members(), (error: Error) => {
    assert.match(String(error), /Signing in as backup.*Invalid username or password/);
    assert.doesNotMatch(`${JSON.stringify(error)} ${error.stack} ${error.message}`, /wrong-horse/);
    return (error as { code?: string }).code === 'AUTH_SIGN_IN';
  });
});

const refusal = (details: string) => ({
  error: { code: 400, message: 'Unable to generate token.', details: [details] },
});
const [windows, ownPage] = [{ 'www-authenticate': 'Negotiate' }, 'https://idp.example/adfs/ls?SAMLRequest=x'];

for (const [name, answer, hint] of [
  [
    'a wrong password, or a sign-in that the portal does not name',
    refusal('Invalid username or password.'),
    /built-in/,
  ],
  ['too many wrong passwords', refusal('Too many invalid login attempts. Please try again later.'), /locked.*minutes/],
  ['a second factor', refusal('Multifactor authentication is required.'), /second factor.*ARCGIS_CLIENT_ID/],
  ['an account of SAML', refusal('Enterprise login users cannot generate a token.'), /identity provider.*built-in/],
  ['a disabled account', refusal('User is disabled.'), /Enable the account of ARCGIS_USERNAME/],
  ['a password that ran out', refusal('Password has expired.'), /browser.*new password/],
  ['a sign-in of Windows before the portal', { status: 401, headers: windows, body: '<html>401' }, /7443/],
  ['a sign-in by certificate before the portal', { status: 403, body: '<p>HTTP Error 403.7 - Forbidden' }, /7443/],
  ['an identity provider before the portal', { redirect: ownPage }, /7443/],
] as const) {
  test(`${name} is AUTH_SIGN_IN with a cure of its own, after one try`, async (t) => {
    const { sim, portal } = await portalPair(t);
    sim.faults.add({ match: /generateToken/, times: Infinity, answer });
    for (let times = 2; times > 0; times--)
      await assert.rejects(portal.members(), (error: Error & { code?: string; hint?: string }) => {
        assert.match(error.hint ?? '', hint);
        return error.code === 'AUTH_SIGN_IN';
      });
    assert.equal(sim.log.count(/generateToken/), 1);
  });
}

test('a server that wants a certificate of whoever connects is told apart from one whose own is bad', () => {
  const failing = (code: string) =>
    unreachable('Signing in', new URL('https://gis.example/portal'), new Error('', { cause: { code } }));
  const asked = failing('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE');
  assert.match(`${asked.message} ${asked.hint}`, /sign-in by certificate \(PKI\).*7443/);
  assert.equal((asRefusal(asked, 'password') as BackupError).code, 'AUTH_SIGN_IN');
  const bad = failing('SELF_SIGNED_CERT_IN_CHAIN');
  assert.match(bad.hint, /NODE_EXTRA_CA_CERTS/);
  assert.equal(asRefusal(bad, 'password'), bad);
});

test('an API key that ran out, and an app whose secret was changed, are told what to renew', async (t) => {
  for (const [credentials, hint] of [
    [{ kind: 'key', apiKey: new Secret('AAPTgone') }, /^Make a new API key .*ARCGIS_API_KEY/],
    [{ kind: 'app', clientId: 'x', clientSecret: new Secret('y') }, /^Check ARCGIS_CLIENT_ID and ARCGIS_CLIENT_SECRET/],
  ] as const) {
    const { portal } = await portalPair(t, { credentials: () => credentials });
    await assert.rejects(portal.members(), (error: Error & { code?: string; hint?: string }) => {
      assert.match(error.hint ?? '', hint);
      return error.code === 'AUTH_SIGN_IN';
    });
  }
});

for (const [name, credentials] of [
  ['an OAuth app', { kind: 'app', clientId: 'Qx1vYt0example', clientSecret: new Secret('8d0f5b2c6e7a4f1b9c3d') }],
  ['an API key', { kind: 'key', apiKey: new Secret('AAPTxy8BHexampleexampleexampleexample') }],
] as const) {
  test(`${name} signs in, also where the portal does not tell apps who they are`, async (t) => {
    for (const selfForApps of ['user', 'error'] as const) {
      const { portal } = await portalPair(t, { behaviour: { selfForApps }, credentials: () => credentials });
      assert.deepEqual(
        (await portal.members()).list.map(({ username }) => username),
        ['backup'],
      );
    }
  });
}

test('an account without the privilege to see members or items is refused before any listing', async (t) => {
  const { sim, portal } = await portalPair(t, { credentials: () => password('clerk', 'clerk-password') });
  sim.org.addMember('clerk', { role: 'org_user', privileges: ['portal:admin:viewUsers'] });
  await assert.rejects(
    portal.members(),
    (error: Error) => /viewItems/.test(error.message) && 'code' in error && error.code === 'AUTH_PRIVILEGE',
  );
  assert.equal(sim.log.count(/portals\/self\/users/), 0);
});

test('a custom role with the two privileges is enough', async (t) => {
  const privileges = ['portal:admin:viewUsers', 'portal:admin:viewItems'];
  const { sim, portal } = await portalPair(t, { credentials: () => password('clerk', 'clerk-password') });
  sim.org.addMember('clerk', { role: 'org_user', privileges });
  sim.org.addItem({ owner: 'backup', type: 'Web Map', title: 'A', json: {} });
  assert.equal((await readAll(portal, 'backup')).length, 1);
});

test('one odd entry among the privileges, or an odd role, costs nobody the sign-in, and no other privilege', async (t) => {
  const { sim, portal } = await portalPair(t);
  const all = ['portal:admin:viewUsers', 'portal:admin:viewItems'];
  const odd = { edit: (self: object) => ({ ...self, role: 7, privileges: [null, ...all, {}] }) };
  sim.faults.add({ match: /community\/self/, times: Infinity, answer: odd });
  assert.deepEqual((await portal.identity()).privileges, all);
  assert.equal((await portal.members()).list.length, 1);
});

test('a portal that fails to sign anybody in for a moment is asked again, and nobody becomes anonymous', async (t) => {
  const { sim, portal } = await portalPair(t, { behaviour: { silentAnonymous: true } });
  sim.faults.add({ match: /generateToken/, times: 2, answer: { status: 503 } });
  sim.org.addItem({ owner: 'backup', type: 'Web Map', title: 'A', json: {} });
  assert.equal((await readAll(portal, 'backup')).length, 1);
  assert.equal(sim.log.filter(({ who, path }) => who === null && !path.endsWith('generateToken')).length, 0);
});

test('a sign-in that failed for good does not poison the next call', async (t) => {
  const { sim, portal } = await portalPair(t);
  sim.faults.add({ match: /generateToken/, times: 5, answer: { status: 503 } });
  await assert.rejects(portal.members(), { code: 'PORTAL_UNREACHABLE' });
  assert.equal((await portal.members()).list.length, 1);
});

test('credentials that were refused are not tried again, whoever asks, and how often', async (t) => {
  const { sim, portal } = await portalPair(t);
  await portal.members();
  sim.org.admin.password = 'changed';
  sim.tokens.expireAll();
  const asked = [1, 2, 3].flatMap(() => [portal.members(), portal.roles(), readAll(portal, 'backup'), portal.prove()]);
  for (const end of await Promise.allSettled(asked)) {
    assert.equal(end.status, 'rejected');
    assert.equal((end.reason as { code?: string }).code, 'AUTH_SIGN_IN');
  }
  await assert.rejects(portal.self(), { code: 'AUTH_SIGN_IN' });
  assert.equal(sim.log.count(/generateToken/), 2);
});

test('a portal that fails over signing in has not refused the credentials', async (t) => {
  const { sim, portal } = await portalPair(t);
  sim.faults.add({ match: /generateToken/, answer: { error: { code: 500, message: 'Internal error' } } });
  await assert.rejects(portal.members(), { code: 'PORTAL_ERROR' });
  assert.equal((await portal.members()).list.length, 1);
});

test('a portal that gives no new token in the middle of a run is asked for some minutes, then the run is over', async (t) => {
  const { sim, portal } = await portalPair(t);
  await portal.members();
  sim.tokens.expireAll();
  const fault = sim.faults.add({ match: /generateToken/, times: Infinity, answer: { status: 503 } });
  await assert.rejects(portal.members(), { code: 'PORTAL_DOWN' });
  await assert.rejects(portal.roles(), { code: 'PORTAL_DOWN' });
  assert.equal(fault.hits, 10);
});

for (const times of [2, 3]) {
  test(`${times} invalid tokens in a row, of a server that hears of them late, cost nothing and no sign-in`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const layer = sim.org.addService({ owner: 'backup', title: 'A', layers: ['A'] }).record;
    const item = (await portal.item(layer.id)) ?? assert.fail();
    sim.faults.add({ match: /^\w+ \/arcgis\//, times, answer: 'expiredToken' });
    assert.equal((await portal.countRows(item)).length, 1);
    assert.equal(sim.log.count(/generateToken/), 1);
  });
}

test('a server that never takes the token is told apart from a portal that knows us no more', async (t) => {
  const { sim, portal } = await portalPair(t);
  const layer = sim.org.addService({ owner: 'backup', title: 'A', layers: ['A'] }).record;
  const item = (await portal.item(layer.id)) ?? assert.fail();
  const fault = sim.faults.add({ match: /^\w+ \/arcgis\//, times: Infinity, answer: 'expiredToken' });
  await assert.rejects(portal.dates(item), { code: 'PORTAL_REFUSED' });
  assert.deepEqual([fault.hits, sim.log.count(/generateToken/)], [4, 1]);
});

test('a token that runs out in the middle is renewed, once for all callers', async (t) => {
  const { sim, portal, clock } = await portalPair(t, { behaviour: { tokenMinutes: 5 } });
  await portal.members();
  clock.advance(10 * 60_000);
  await Promise.all([portal.members(), portal.members(), portal.members()]);
  assert.equal(sim.log.count(/generateToken/), 2);
});

test('a token that the portal has forgotten is renewed', async (t) => {
  const { sim, portal } = await portalPair(t);
  await portal.members();
  sim.tokens.expireAll();
  assert.equal((await portal.members()).list.length, 1);
});

test('a portal that answers as if nobody had signed in is AUTH_ANONYMOUS', async (t) => {
  const { sim, portal } = await portalPair(t);
  const nobody = { edit: () => ({ username: undefined }) };
  sim.faults.add({ match: /community\/self/, times: Infinity, answer: nobody });
  await assert.rejects(portal.members(), { code: 'AUTH_ANONYMOUS' });
});

test('the account of somebody else is not taken for ours', async (t) => {
  const { sim, portal } = await portalPair(t);
  sim.faults.add({
    match: /community\/self/,
    times: Infinity,
    answer: { edit: (user) => ({ ...user, username: 'mallory' }) },
  });
  await assert.rejects(portal.members(), { code: 'AUTH_SIGN_IN' });
});

test('the password travels in a body, the token in a header, neither in an address', async (t) => {
  const { sim, portal } = await portalPair(t);
  await portal.members();
  const [signIn, ...others] = sim.log.entries;
  assert.equal(signIn?.method, 'POST');
  assert.deepEqual([...new Set(others.map(({ tokenIn }) => tokenIn))], ['header']);
});

test('the password is never sent where a redirect leads', async (t) => {
  const { sim, portal } = await portalPair(t);
  sim.faults.add({
    match: /generateToken/,
    times: Infinity,
    answer: { redirect: `${sim.foreignUrl}/sharing/rest/generateToken` },
  });
  await assert.rejects(portal.members(), { code: 'HOST_FOREIGN' });
  assert.equal(sim.log.filter(({ host }) => host === 'foreign').length, 0);
});

for (const [name, token] of [
  ['a line end and a header', 'abc\r\nX-Evil: 1'],
  ['a letter that no header takes', 'abc\u2028'],
  ['a space', 'abc def'],
  ['ten thousand letters', 'x'.repeat(10_000)],
  ['nothing', ''],
  ['a number', 7],
] as const) {
  test(`a portal that gives ${name} for a token is not believed, and no message quotes it`, async (t) => {
    const { sim, portal } = await portalPair(t);
    sim.faults.add({ match: /generateToken/, times: Infinity, answer: { edit: (answer) => ({ ...answer, token }) } });
    await assert.rejects(portal.members(), (error: Error) => {
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /abc|xxxx/);
      return (error as { code?: string }).code === 'PORTAL_ANSWER';
    });
    assert.equal(sim.log.count(/self/), 0);
  });
}

test('an API key that no header takes is said to be one, and never shown', async (t) => {
  const apiKey = new Secret('AAPT\u201csecret-key\u201d');
  const { sim, portal } = await portalPair(t, { credentials: () => ({ kind: 'key', apiKey }) });
  await assert.rejects(portal.members(), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /secret-key/);
    return (error as { code?: string }).code === 'AUTH_SIGN_IN';
  });
  assert.equal(sim.log.count(), 0);
});

test('a portal that says that another member has signed in forges no line with their name', async (t) => {
  const { sim, portal } = await portalPair(t);
  const username = 'eve\n[RUN_DEAD] all is well';
  sim.faults.add({ match: /community\/self/, times: Infinity, answer: { edit: (self) => ({ ...self, username }) } });
  await assert.rejects(portal.members(), (error: Error) => {
    assert.equal(toMessage(error).split('\n').length, 1);
    return toFailure(new Error(toMessage(error))).code === 'AUTH_SIGN_IN';
  });
});

test('a portal whose clock is a day behind, or ahead, is signed in to once', async (t) => {
  for (const tokenClock of [-86_400_000, 86_400_000]) {
    const { sim, portal, clock } = await portalPair(t, { behaviour: { tokenClock } });
    for (let n = 0; n < 5; n++) await portal.members();
    assert.equal(sim.log.count(/generateToken/), 1);
    // What has really run out is refused, and asked for again.
    clock.advance(13 * 3_600_000);
    await portal.members();
    assert.equal(sim.log.count(/generateToken/), 2);
  }
});
