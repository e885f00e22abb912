import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayCarryToken, mayFollow } from '../../lib/arcgis/hosts.ts';

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
]) {
  test(`a redirect to ${address} is not followed`, () => {
    assert.equal(mayFollow(new URL(address), online), false);
  });
}
