import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { entraDoor } from '../../../lib/serve/access/entra-door.ts';
import { keyDoor, type Comer } from '../../../lib/serve/access/door.ts';
import { roleOfPrincipal } from '../../../lib/serve/access/principal.ts';
import { Secret } from '../../../lib/secret.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';

const tenant = '33333333-3333-3333-3333-333333333333';
const origin = 'https://backup.example';

/** The header as App Service writes it. https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities */
function principal(roles: string[], { tid = tenant, auth_typ = 'aad', role_typ = 'roles' } = {}): string {
  const claims = [
    { typ: 'http://schemas.microsoft.com/identity/claims/tenantid', val: tid },
    { typ: 'name', val: 'Ana Ünal' },
    ...roles.map((val) => ({ typ: role_typ, val })),
  ];
  return Buffer.from(JSON.stringify({ auth_typ, claims, name_typ: 'name', role_typ })).toString('base64');
}

for (const [what, header, role] of [
  ['the app role Reader looks', principal(['Reader']), 'reader'],
  ['the app role Operator acts', principal(['Reader', 'Operator']), 'operator'],
  [
    'a role under its long name counts',
    principal(['Reader'], { role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role' }),
    'reader',
  ],
  ['nobody without a role', principal([]), 'none'],
  ['no role of another name or case', principal(['reader', 'Admin', 'OPERATOR', 'Operator ']), 'none'],
  ['no role in a claim that is no role', principal(['Operator'], { role_typ: 'groups' }), 'none'],
  ['nobody of another directory', principal(['Operator'], { tid: '44444444-4444-4444-4444-444444444444' }), 'none'],
  ['nobody of another provider', principal(['Operator'], { auth_typ: 'github' }), 'none'],
  ['nothing that is no JSON', 'x', 'none'],
  ['nothing that is another JSON', Buffer.from('{"claims":{"typ":"roles"}}').toString('base64'), 'none'],
  ['no two headers in one', `${principal([])}, ${principal(['Operator'])}`, 'none'],
  ['nothing endless', principal(Array.from({ length: 20_000 }, () => 'Operator')), 'none'],
] as const) {
  test(`of who App Service vouches for: ${what}`, () => assert.equal(roleOfPrincipal(header, tenant), role));
}

test('whoever has an app role comes in without a key, and changes something only from the own page', async () => {
  const keys = { reader: undefined as Secret | undefined, operator: undefined as Secret | undefined };
  const clock = { now: () => 1000, sleep: () => Promise.resolve() };
  const inner = keyDoor({ keys: () => Promise.resolve(keys), origin, clock, random: () => 'ab'.repeat(20) });
  const door = entraDoor(inner, tenant);
  const own: Comer = { cookie: null, fetchSite: 'same-origin', origin, principal: principal(['Operator']) };
  const session = await door.session(own);
  assert.ok(session !== undefined && session !== 'closed');
  assert.deepEqual([session.role, session.byMicrosoft], ['operator', true]);
  assert.equal(door.isOwn(session, own, session.csrf), true);
  assert.equal(door.isOwn(session, { ...own, fetchSite: 'cross-site' }, session.csrf), false);
  assert.equal(door.isOwn(session, { ...own, fetchSite: null, origin: 'https://evil.example' }, ''), false);
  assert.equal(door.isOwn(session, { ...own, fetchSite: null, origin: null }, ''), false);
  assert.equal(await door.session({ ...own, principal: principal([]) }), undefined);
  // A reader who also has the operator's key may use it.
  keys.operator = new Secret('do');
  const entered = await door.enter(own, 'do');
  const cookie = typeof entered === 'number' ? assert.fail() : (entered.cookie.split(';')[0] ?? '');
  const both = await door.session({ ...own, cookie, principal: principal(['Reader']) });
  assert.equal(both !== 'closed' && both?.role, 'operator');
});

test('in Azure the header opens the page where App Service Authentication is on, and is worth nothing elsewhere', async (t) => {
  const header = principal(['Operator']);
  const store = new MemoryStore({ clock: new VirtualClock() });
  const ask = async (more: Record<string, string>, path = '/', method = 'GET') => {
    const settings = {
      WEBSITE_SITE_NAME: 'backup',
      WEBSITE_HOSTNAME: 'backup.example',
      BACKUP_STORE: 'https://maps.blob.core.windows.net/backup',
      ARCHIVE_READ_KEY: 'k'.repeat(40),
      ...more,
    };
    const { open } = await newBackup(t, { settings, store });
    const { host } = await open({ isOpen: false });
    return host.request({ method, path, headers: { 'x-ms-client-principal': header, origin } });
  };
  const on = { WEBSITE_AUTH_ENABLED: 'True', ARCHIVE_ENTRA_TENANT: tenant };
  for (const forged of [
    {},
    { WEBSITE_AUTH_ENABLED: 'True' },
    { ARCHIVE_ENTRA_TENANT: tenant },
    { ...on, WEBSITE_AUTH_ENABLED: 'False' },
  ])
    assert.deepEqual([(await ask(forged)).status, (await ask(forged, '/runs', 'POST')).status], [303, 303]);
  const { status, body } = await ask(on);
  assert.equal(status, 200);
  assert.match(body, /Back up now/);
  assert.match(body, /href="\/\.auth\/logout\?/);
  // git has keys of its own, whoever signed in.
  assert.equal((await ask(on, '/archive.git/info/refs?service=git-upload-pack')).status, 401);
  const stranger = await ask({ ...on, ARCHIVE_ENTRA_TENANT: '44444444-4444-4444-4444-444444444444' }, '/sign-in');
  assert.match(stranger.body, /neither of the app roles/);
});

test('the roles that the documentation has people make are those that count', () => {
  const text = readFileSync(new URL('../../../infra/app-roles.json', import.meta.url), 'utf8');
  const roles = (JSON.parse(text) as { value: string }[]).map(({ value }) =>
    roleOfPrincipal(principal([value]), tenant),
  );
  assert.deepEqual(roles, ['reader', 'operator']);
});
