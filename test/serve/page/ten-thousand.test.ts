import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../lib/clock.ts';
import { startLocalHost } from '../../../lib/cli/local-host.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { unzip } from '../../history/lives.ts';
import { hasChromium, launchChromium } from '../../support/chromium.ts';
import { idOf, titleOf, writeHistory } from '../../support/history-archive.ts';
import { assertAccessible, assertNarrow, watch } from './looking.ts';

const skip = !hasChromium && 'there is no chromium here';

test(
  'ten thousand items are searched, paged through, looked at and taken out in a real browser',
  { skip },
  async (t) => {
    const store = new MemoryStore({ clock: systemClock });
    await writeHistory(store, { items: 10_000, commits: 2, changes: 200 });
    const { host } = await startLocalHost({}, () => undefined, { store, onlyLooks: true, isOpen: true });
    t.after(() => host.close());
    const { port } = await host.serve(0);
    const at = `http://127.0.0.1:${port}`;
    const browser = await launchChromium();
    t.after(() => browser.close());
    const page = await browser.newPage();
    const seen = watch(page, at);
    const count = () => page.getByRole('status').textContent();
    const rows = page.locator('tbody tr');

    await t.test('the first page of all has a hundred, and leads to the next', async () => {
      await page.goto(`${at}/`);
      await page.getByRole('link', { name: 'Items' }).click();
      assert.match((await count()) ?? '', /^\s*10,000 items\s*$/);
      assert.equal(await rows.count(), 100);
      await assertAccessible(page);
      await assertNarrow(page);
      await page.getByRole('link', { name: 'The next 100' }).click();
      assert.match((await count()) ?? '', /10,000 items, from number 101 on/);
      assert.equal(await rows.count(), 100);
    });

    await t.test('filters narrow it down to the last page, each under an address that can be sent', async () => {
      await page.goto(`${at}/items`);
      await page.getByLabel('Title or id').fill('item 5');
      await page.getByLabel('Type').fill('feature*');
      await page.getByRole('button', { name: 'Search' }).click();
      // Item 50, 500 to 590, 5000 to 5990: every tenth is a layer.
      assert.match((await count()) ?? '', /^\s*111 items/);
      await page.getByRole('link', { name: 'The next 11' }).click();
      assert.equal(await rows.count(), 11);
      assert.equal(await page.getByRole('link', { name: /^The next/ }).count(), 0);
      const sent = page.url();
      const other = await browser.newPage();
      await other.goto(sent);
      assert.equal(await other.locator('tbody tr').count(), 11);
      await other.close();
      await page.goto(`${at}/items?tag=tag+3&user=member5`);
      assert.match((await count()) ?? '', /^\s*[78] items/);
    });

    await t.test('an item of ten thousand is one search away, with its versions and what they differ in', async () => {
      await page.getByRole('searchbox', { name: 'Find an item' }).fill(idOf(7919));
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByRole('link', { name: titleOf(7919), exact: true }).click();
      assert.equal(await page.locator('h1').textContent(), titleOf(7919));
      assert.equal(await page.locator('.timeline li').count(), 1);
      // The second night changed the items from number 200 on, by the stride of that archive.
      await page.goto(`${at}/items/${idOf((200 * 7919) % 10_000)}`);
      await page.getByRole('link', { name: 'What changed' }).click();
      await page.getByText('opacity').or(page.getByText('popupInfo')).first().waitFor();
    });

    await t.test('all of a page are ticked by one press, and come as one zip', async () => {
      await page.goto(`${at}/items?q=item+77&type=Web*`);
      await page.getByLabel('Tick all of this page').check();
      const ticked = await page.locator('tbody input:checked').count();
      assert.equal(ticked, 100);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download as a zip' }).click(),
      ]);
      assert.equal(download.suggestedFilename(), '100 items.zip');
      const files = await unzip(Buffer.concat(await (await download.createReadStream()).toArray()));
      assert.equal([...files.keys()].filter((path) => path.endsWith('/data.json')).length, 100);
    });

    assert.deepEqual(seen, []);
  },
);
