import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { BackupError } from '../../../lib/errors.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { unzip } from '../../history/lives.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { Organization } from '../../support/portal/organization.ts';

const hostile = `<script>alert(1)</script>" onload='x'\u202e`;

/** An archive of two commits, with a hostile title, a deleted item and a layer, and how its page is asked. */
async function page(t: TestContext) {
  const org = new Organization();
  const tags = ['Parks & <b>Trails</b>', 'roads'];
  const map = org.addItem({ owner: 'backup', type: 'Web Map', title: hostile, json: { title: 'old' }, tags });
  const gone = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Gone', json: { map: map.record.id } });
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['Lots'] });
  const backup = await newBackup(t, { org });
  const first = await backup.run();
  org.quietlyEdit(map.record.id, { snippet: 'new' });
  org.deleteItem(gone.record.id);
  const second = await backup.run();
  const { host } = await backup.open();
  const ask = async (path: string, method = 'GET', body?: string, headers: Record<string, string> = {}) => {
    const answer = await host.request({ method, path, headers, ...(body !== undefined && { body }) });
    return { ...answer, tokens: [...answer.body.matchAll(/name="token" value="([^"]+)"/g)].map(([, token]) => token) };
  };
  return { ...backup, org, ask, host, map: map.record.id, gone: gone.record.id, first, second };
}

/** Every link of a page to this server. */
const linksOf = (body: string) =>
  [...body.matchAll(/ (?:href|src)="(\/[^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));

test('the page of an archive', async (t) => {
  const made = await page(t);
  await t.test('every page that a link leads to is there, is safe, and shows no title as HTML', async () => {
    const { ask } = made;
    const seen = new Set<string>(['/']);
    for (const path of seen) {
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      if (!(headers['content-type'] ?? '').startsWith('text/html')) continue;
      assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.doesNotMatch(body, /<script>alert|onload='|onload="|style="|javascript:|undefined|\[object/, path);
      assert.match(body, /<html lang="en">[\s\S]*<h1>/, path);
      for (const link of linksOf(body)) seen.add(link.split('#')[0] ?? '');
    }
    assert.ok(seen.size > 15, [...seen].join('\n'));
  });

  await t.test('the overview says how old the last good backup is, and when the next one comes', async () => {
    const { ask, clock } = made;
    assert.match((await ask('/')).body, /The last good backup is 0 s old/);
    await clock.sleep(3 * 86_400_000);
    const { body } = await ask('/');
    assert.match(body, /The last good backup is 3 days old/);
    assert.match(body, /class="standing bad"[\s\S]*was due/);
  });

  await t.test('a deleted item is found, with when it went, its files and what it used', async () => {
    const { ask, gone, map } = made;
    assert.match((await ask('/items?q=gone')).body, /Look among the deleted ones as well/);
    const found = (await ask('/items?q=gone&state=all')).body;
    assert.match(found, new RegExp(`href="/items/${gone}"[^]*deleted`));
    const { body } = await ask(`/items/${gone}`);
    assert.match(body, /This item is no more/);
    assert.match(body, /in the recycle bin of the portal until\s*<time datetime="\d{4}/);
    assert.match(body, new RegExp(`href="/items/${map}"`));
    assert.match(body, /ago-backup get [0-9a-f]{32} --at [0-9a-f]{12} --to restored/);
  });

  await t.test(
    'an item is found by its tag, which is shown as text, and a search without hits leads to the tags',
    async () => {
      const { ask, map, first } = made;
      const { body } = await ask(`/items/${map}`);
      assert.match(
        body,
        /<a href="\/items\?tag=Parks\+%26\+%3Cb%3ETrails%3C%2Fb%3E&amp;state=all"><bdi>Parks &amp; &lt;b&gt;/,
      );
      for (const tag of ['ROADS', 'parks*', '*trails*']) {
        const found = (await ask(`/items?tag=${tag}`)).body;
        assert.match(found, new RegExp(`href="/items/${map}"`), tag);
        assert.match(found, />\s*1 item\s/);
        // When it was first seen, and when it changed last.
        assert.equal([...found.matchAll(/<td[^>]*><time datetime/g)].length, 2);
        assert.match(found, new RegExp(new Date(first.started).toISOString().slice(0, 10)));
      }
      const none = (await ask('/items?q=roads&state=all')).body;
      const [, link = ''] = /href="([^"]*)">Look among the tags/.exec(none) ?? [];
      assert.match((await ask(link.replaceAll('&amp;', '&'))).body, new RegExp(`href="/items/${map}"`));
      assert.match((await ask('/items?tag=nothing')).body, /No item is like this now/);
    },
  );

  await t.test('what is ticked among the items comes as one zip, also what is no more', async () => {
    const { ask, host, map, gone } = made;
    const { body } = await ask('/items?state=all');
    assert.match(
      body,
      new RegExp(`<form action="/zip" method="get">[^]*name="item"\\s+value="${gone}"\\s+aria-label="Tick Gone"`),
    );
    const { status, headers, bytes } = await host.request({
      method: 'GET',
      path: `/zip?item=${map}&item=${gone}`,
      headers: {},
    });
    assert.deepEqual([status, headers['content-type']], [200, 'application/zip']);
    assert.match(headers['content-security-policy'] ?? '', /sandbox/);
    const paths = [...(await unzip(bytes)).keys()];
    assert.ok(
      paths.some((path) => path.includes('/Gone/')) && paths.some((path) => path.includes('script')),
      paths.join('\n'),
    );
    assert.match((await ask('/zip')).body, /class="cure"/);
  });

  await t.test('two versions are compared in words, under an address of their own', async () => {
    const { ask, map, first, second } = made;
    const { body } = await ask(`/items/${map}/differences?from=${first.commit}&to=${second.commit}`);
    assert.match(body, /<code>snippet<\/code>[^]*new/);
  });

  await t.test('what is not there is said by a page, with what to do', async () => {
    const { ask, first } = made;
    for (const path of ['/nowhere', '/items/x/y', '/runs/none', '/assets/../package.json', '/items/%ff/differences']) {
      const { status, body } = await ask(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.match(body, /class="cure"/, path);
    }
    const { status, body } = await ask(`/items/${'0'.repeat(32)}`);
    assert.equal(status, 404);
    assert.match(body, /ITEM_UNKNOWN/);
    assert.equal((await ask(`/items/x?at=${first.commit}`)).status, 404);
  });

  await t.test(
    'what a warning of long ago leads to compares with the version before it, not with the latest but one',
    async () => {
      const { ask, org, run, map, first, second } = made;
      org.quietlyEdit(map, { snippet: 'newer' });
      await run();
      const { body } = await ask(`/items/${map}/differences?to=${second.commit}`);
      assert.match(body, new RegExp(`From <a href="/items/${map}\\?at=${first.commit}"`));
      assert.match(body, new RegExp(`to\\s*<a href="/items/${map}\\?at=${second.commit}"`));
    },
  );

  await t.test('what is empty, huge or hostile in an address is answered by a page, and shown as text', async () => {
    const { ask, map } = made;
    const signs = [
      '',
      ' ',
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'",
      '\u202e',
      '%',
      '\u0000',
      'x'.repeat(5000),
    ];
    for (const sign of signs) {
      const given = encodeURIComponent(sign);
      for (const path of [
        ...['q', 'user', 'type', 'tag', 'state', 'at', 'cursor'].map((name) => `/items?${name}=${given}`),
        ...['item', 'at'].flatMap((name) => [
          `/zip?item=${map}&${name}=${given}`,
          `/restores/new?item=${map}&${name}=${given}`,
        ]),
        ...[`/items/${given}`, `/items/${map}?at=${given}`, `/items/${map}/differences?from=${given}&to=${given}`],
        ...[`/runs?show=${given}&most=${given}`, `/runs/${given}`, `/restores/${given}`, `/items/${map}/zip/${given}`],
        ...[`/items/${map}/files/${given}/data.json`, `/items/${map}/picture/${given}/${given}`],
      ]) {
        const { status, body, headers } = await ask(path);
        assert.ok([200, 400, 404, 416].includes(status), `${path}: ${status}`);
        if (headers['content-type']?.startsWith('text/html') === true)
          assert.doesNotMatch(body, /<script>alert|<img src=x|\[object|undefined/, path);
      }
    }
    const all = `/restores/new?${Array.from({ length: 2000 }, (_, n) => `item=${n}`).join('&')}`;
    assert.match((await ask(all)).body, /Restore 2,000 items/);
  });

  await t.test('a backup is begun, followed and ended by the page alone, and by no other site', async () => {
    const { ask, host, portal, org, map, clock } = made;
    const [token] = (await ask('/')).tokens;
    for (const [body, headers] of [
      ['', {}],
      [`token=${'0'.repeat(40)}`, {}],
      [`token=${token}`, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      const { status } = await ask('/runs', 'POST', body, headers);
      assert.equal(status, 403);
    }
    org.quietlyEdit(map, { snippet: 'once more' });
    portal.faults.add({ match: new RegExp(`items/${map}`), times: Infinity, answer: 'hang' });
    const begun = await ask('/runs', 'POST', `token=${token}`, { 'sec-fetch-site': 'same-origin' });
    assert.equal(begun.status, 303);
    const address = begun.headers['location'] ?? '';
    assert.equal((await ask('/runs', 'POST', `token=${token}`)).headers['location'], address);
    assert.match((await ask(address)).body, /data-progress="\/runs\/[0-9a-f-]{36}\/progress"/);
    const told = async () =>
      JSON.parse((await ask(`${address}/progress`)).body) as Record<'text' | 'stalled' | 'since', string> & {
        ended: boolean;
      };
    let now = await told();
    while (!now.ended && !now.text.includes('now <script>')) now = await told();
    assert.match(now.text, /^0 of 1, now <script>alert/);
    assert.match(now.since, /^since \d+ s$/);
    assert.deepEqual([now.ended, now.stalled], [false, '']);
    assert.doesNotMatch((await ask(address)).body, /<script>alert/);
    const { body: api } = await ask(`/api${address.replace('runs', 'backups')}`);
    assert.match(api, /"title":"<script>alert/);
    clock.advance(20 * 60_000);
    assert.match((await told()).stalled, /No news for 20 min/);
    assert.equal((await ask(`${address}/end`, 'POST', `token=${token}`)).status, 303);
    await host.completed('ago-backup');
    assert.deepEqual(JSON.parse((await ask(`${address}/progress`)).body), { ended: true });
    assert.match((await ask(address)).body, /Cancelled/);
  });
});

test('in Azure, without a key, there is no page', async (t) => {
  const settings = { WEBSITE_SITE_NAME: 'backup', BACKUP_STORE: 'https://maps.blob.core.windows.net/backup' };
  const { open } = await newBackup(t, { settings, store: new MemoryStore({ clock: new VirtualClock() }) });
  const { host } = await open({ isOpen: false });
  for (const path of ['/', '/items', '/sign-in', '/assets/style.css'])
    assert.equal((await host.request({ method: 'GET', path, headers: {} })).status, 404, path);
});

test("in Azure a key opens the page for eight hours, for looking only unless it is the operator's", async (t) => {
  const settings = {
    WEBSITE_SITE_NAME: 'backup',
    WEBSITE_HOSTNAME: 'backup.example',
    BACKUP_STORE: 'https://maps.blob.core.windows.net/backup',
    ARCHIVE_READ_KEY: 'k'.repeat(40),
    ARCHIVE_OPERATOR_KEY: 'o'.repeat(40),
  };
  const { open } = await newBackup(t, { settings, store: new MemoryStore({ clock: new VirtualClock() }) });
  const { host } = await open({ isOpen: false });
  const ask = (path: string, headers = {}) => host.request({ method: 'GET', path, headers });
  const send = (path: string, body: string, headers = {}) =>
    host.request({ method: 'POST', path, body, headers: { origin: 'https://backup.example', ...headers } });
  const sent = await ask('/items?q=maps');
  assert.deepEqual([sent.status, sent.headers['location']], [303, '/sign-in?next=%2Fitems%3Fq%3Dmaps']);
  assert.equal((await ask('/runs/x/progress')).status, 401);
  const basic = `Basic ${Buffer.from(`any:${'k'.repeat(40)}`).toString('base64')}`;
  assert.equal((await ask('/', { authorization: basic })).status, 303);
  assert.equal((await send('/sign-in', 'key=wrong')).status, 403);
  assert.equal((await send('/sign-in', `key=${'k'.repeat(40)}`, { origin: 'https://evil.example' })).status, 403);
  for (const [key, mayStart] of [
    ['k', false],
    ['o', true],
  ] as const) {
    const entered = await send('/sign-in', `key=${key.repeat(40)}&next=//evil.example/`);
    assert.deepEqual([entered.status, entered.headers['location']], [303, '/']);
    const set = entered.headers['set-cookie'] ?? '';
    assert.match(set, /^__Host-.*; Path=\/; Max-Age=28800; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = set.split(';')[0] ?? '';
    const { status, body } = await ask('/', { cookie });
    assert.equal(status, 200);
    assert.equal(body.includes('Back up now'), mayStart);
    assert.match(body, /git clone https:\/\/backup\.example\/archive\.git/);
    const token = /name="token" value="([^"]+)"/.exec(body)?.[1] ?? '';
    const foreign = await send('/runs', `token=${token}`, { cookie, origin: 'https://evil.example' });
    assert.equal(foreign.status, 403);
    const own = `/warnings/${'0'.repeat(16)}/acknowledge`;
    assert.equal((await send(own, `token=${token}`, { cookie, origin: 'https://evil.example' })).status, 403);
    assert.equal((await send(own, '', { cookie })).status, 403);
    assert.equal((await ask('/restores/new?item=x', { cookie })).body.includes('Only an operator'), !mayStart);
    if (!mayStart)
      for (const path of ['/runs', own, own.replace('acknowledge', 'revoke'), '/restores', '/restores/x/start'])
        assert.equal((await send(path, `token=${token}&item=x`, { cookie })).status, 403, path);
    const left = await send('/sign-out', `token=${token}`, { cookie });
    assert.match(left.headers['set-cookie'] ?? '', /Max-Age=0/);
  }
});

test('a vault that does not answer is said by a page, with the cure, and no address fails without an answer', async (t) => {
  const settings = {
    WEBSITE_SITE_NAME: 'backup',
    BACKUP_STORE: 'https://maps.blob.core.windows.net/backup',
    KEY_VAULT_URL: 'https://maps.vault.azure.net',
  };
  const vault = () => Promise.reject(new BackupError('VAULT_UNREACHABLE', 'The key vault does not answer.'));
  const { open } = await newBackup(t, { settings, store: new MemoryStore({ clock: new VirtualClock() }) });
  const { host } = await open({ isOpen: false, vault });
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/sign-in'],
    ['POST', '/sign-in'],
    ['POST', '/runs'],
  ] as const) {
    const { status, body } = await host.request({
      method,
      path,
      headers: {},
      ...(method === 'POST' && { body: 'key=x' }),
    });
    assert.equal(status, 503, path);
    assert.match(body, /class="cure"[^]*VAULT_UNREACHABLE/);
  }
});

test('of a form without end only the beginning is read, and nobody is let in by it', async (t) => {
  const settings = {
    WEBSITE_SITE_NAME: 'backup',
    BACKUP_STORE: 'https://maps.blob.core.windows.net/backup',
    ARCHIVE_READ_KEY: 'k'.repeat(40),
  };
  const { open } = await newBackup(t, { settings, store: new MemoryStore({ clock: new VirtualClock() }) });
  const { app } = await open({ isOpen: false });
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (to) => {
      sent += 1;
      to.enqueue(Buffer.alloc(1000, 'x'));
    },
  });
  const headers = new Headers({ 'sec-fetch-site': 'same-origin' });
  const request = { url: 'https://backup.example/sign-in', method: 'POST', headers, body } as unknown as HttpRequest;
  const context = { warn: () => undefined } as unknown as InvocationContext;
  const { status } = await app.page(request, {} as DurableClient, context);
  assert.equal(status, 413);
  assert.ok(sent < 40, `${sent} pieces were taken`);
});

test('an archive without a commit is an empty page that says what to do', async (t) => {
  const { open } = await newBackup(t, { org: new Organization() });
  const { host } = await open();
  for (const path of ['/', '/items', '/runs', '/warnings']) {
    const { status, body } = await host.request({ method: 'GET', path, headers: {} });
    assert.equal(status, 200, path);
    assert.match(body, /no backup yet|no item yet|no run yet|Nothing looks like a loss/, path);
  }
});
