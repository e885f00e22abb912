import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayCarryToken, mayFollow } from '../../../lib/arcgis/connection/hosts.ts';

const online = new URL('https://www.arcgis.com');
const enterprise = new URL('https://gis.example.com/portal');
const none = new Set<string>();

for (const address of [
  'https://www.arcgis.com/sharing/rest',
  'https://services1.arcgis.com/x/arcgis/rest/services/a/FeatureServer',
  'https://services-eu1.arcgis.com/x',
  'https://city.maps.arcgis.com/x',
]) {
  test(`ArcGIS Online's own host ${new URL(address).host} is told the token`, () => {
    assert.equal(mayCarryToken(new URL(address), online, none), true);
  });
}

for (const address of [
  'http://services1.arcgis.com/x',
  'https://x.arcgis.com.evil.example/x',
  'https://evil.example/?q=.arcgis.com/x',
  'https://evil.example/a.arcgis.com/x',
  'https://evilarcgis.com/x',
  'https://user:secret@services1.arcgis.com/x',
  'https://services1.arcgis.com:8443/x',
  'http://127.0.0.1/a.arcgis.com/x',
  'https://services1.arcgis.com./x',
  'https://www.arcgis.com@evil.example/x',
  'https://arcgis.com.evil.example/x',
  'https://services1.arcgis.com%2eevil.example/x',
  'ftp://services1.arcgis.com/x',
]) {
  test(`no token goes to ${address}`, () => {
    assert.equal(mayCarryToken(new URL(address), online, none), false);
  });
}

test('a server that belongs to an Enterprise portal is told the token, another one is not', () => {
  const servers = new Set(['https://server.example.com:6443']);
  assert.equal(mayCarryToken(new URL('https://gis.example.com/server/rest'), enterprise, none), true);
  assert.equal(mayCarryToken(new URL('https://server.example.com:6443/arcgis'), enterprise, servers), true);
  assert.equal(mayCarryToken(new URL('https://server.example.com/arcgis'), enterprise, servers), false);
  assert.equal(mayCarryToken(new URL('https://services1.arcgis.com/x'), enterprise, servers), false);
});

test('storage of a portal may lie in any public place, whatever its name ends in', () => {
  for (const host of [
    'x.blob.core.windows.net',
    'locals.example.com',
    'internal.example.org',
    'corp.example',
    '1.2.example',
  ])
    assert.equal(mayFollow(new URL(`https://${host}/x`), online), true, host);
});

for (const [portal, target, expected] of [
  ['https://gis.city.local/portal', 'https://files.city.local/x', true],
  ['https://gis.city.local/portal', 'https://gis.city.local:6443/x', true],
  ['https://gis.city.local/portal', 'https://files.other.local/x', false],
  ['https://gis.city.local/portal', 'https://evilcity.local/x', false],
  ['https://gis.local/portal', 'https://printer.local/x', false],
  ['https://gis/portal', 'https://metadata/x', false],
  ['https://10.0.0.7/portal', 'https://11.0.0.7/x', false],
  ['https://[::1]/portal', 'https://[::2]/x', false],
  ['http://127.0.0.1:7001/portal', 'http://localhost:7002/x', true],
  ['http://localhost:7001/portal', 'http://[::1]:7002/x', true],
  ['http://127.0.0.1:7001/portal', 'http://169.254.169.254/x', false],
  ['http://127.0.0.1:7001/portal', 'ftp://127.0.0.1/x', false],
  ['https://127.0.0.1.example.com/portal', 'http://127.0.0.1/x', false],
] as const) {
  test(`a portal at ${portal} may ${expected ? '' : 'not '}lead to ${target}`, () => {
    assert.equal(mayFollow(new URL(target), new URL(portal)), expected);
  });
}

test('a redirect to storage is followed', () => {
  assert.equal(mayFollow(new URL('https://ago-item-storage.s3.amazonaws.com/x'), online), true);
});

for (const address of [
  'http://169.254.169.254/latest/meta-data',
  'https://169.254.169.254/latest',
  'https://[::1]/x',
  'https://localhost/x',
  'http://127.0.0.1/x',
  'https://metadata.google.internal/x',
  'file:///etc/passwd',
  'ftp://example.com/x',
  'http://storage.example.com/x',
  'https://user:secret@storage.example.com/x',
  'https://2852039166/x',
  'https://0xa9.0xfe.0xa9.0xfe/x',
  'https://0251.0376.0251.0376/x',
  'https://169.254.169.254./x',
  'https://127.1/x',
  'https://0/x',
  'https://１６９.254.169.254/x',
  'https://[::ffff:169.254.169.254]/x',
  'https://[fd00:ec2::254]/x',
  'https://[::]:8443/x',
  'https://localhost./x',
  'https://LOCALHOST/x',
  'https://x.localhost/x',
  'https://metadata.google.internal./x',
  'https://metadata/x',
  'https://kubernetes.default.svc.cluster.local/x',
  'https://printer.local./x',
  'https://nas.lan/x',
  'https://intranet.corp/x',
  'https://router.home.arpa/x',
  'data:text/plain,x',
  'javascript:alert(1)',
]) {
  test(`a redirect to ${address} is not followed`, () => {
    assert.equal(mayFollow(new URL(address), online), false);
  });
}
