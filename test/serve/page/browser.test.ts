import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { newBackup } from '../../support/backup.ts';
import { hasChromium, launchChromium } from '../../support/chromium.ts';
import { Organization } from '../../support/portal/organization.ts';
import { assertAccessible, assertNarrow, watch } from './looking.ts';

const skip = !hasChromium && 'there is no chromium here';

/** The page of an archive with a hostile title, in a browser. */
async function browse(t: TestContext) {
  const org = new Organization();
  const map = org.addItem({
    owner: 'backup',
    type: 'Web Map',
    title: '<img src=x onerror=alert(1)>',
    json: { title: 'old' },
  });
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['Lots'] });
  org.addMember('keeper', { role: 'org_admin' });
  const restorer = { RESTORE_USERNAME: 'keeper', RESTORE_PASSWORD: 'keeper-password', RESTORE_RATE: '0' };
  const backup = await newBackup(t, { org, settings: restorer });
  await backup.run();
  org.quietlyEdit(map.record.id, { snippet: 'new' });
  const { runId } = await backup.run();
  const { host } = await backup.open();
  const { port } = await host.serve(0);
  const browser = await launchChromium();
  t.after(() => browser.close());
  return { ...backup, host, browser, at: `http://127.0.0.1:${port}`, map: map.record.id, runId };
}

test('in a real browser', { skip }, async (t) => {
  const made = await browse(t);
  const paths = [
    '/',
    '/items',
    `/items/${made.map}`,
    `/items/${made.map}/differences`,
    '/runs',
    `/runs/${made.runId}`,
    '/warnings',
    '/restores',
    `/restores/new?item=${made.map}`,
    '/nowhere',
  ];

  await t.test('an item is restored by presses alone, and its end is shown when it comes', async () => {
    const page = await made.browser.newPage();
    const seen = watch(page, made.at);
    await page.goto(`${made.at}/items/${made.map}`);
    await page.getByLabel('How', { exact: true }).selectOption('beside');
    await page.getByRole('button', { name: 'Plan a restore' }).click();
    await page.getByText('Nothing has been changed yet.').waitFor();
    const restored = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Start the restore' }).click();
    await page.getByText('Complete').first().waitFor();
    await page.getByRole('button', { name: 'Plan taking it back' }).click();
    await page.getByText('It takes back').waitFor();
    paths.push(restored, new URL(page.url()).pathname);
    assert.deepEqual(seen, []);
    await page.close();
  });

  await t.test(
    'every page is accessible in light and dark, fits a phone and 200 %, and nothing runs or asks elsewhere',
    async () => {
      const page = await made.browser.newPage();
      const seen = watch(page, made.at);
      for (const path of paths) {
        await page.goto(made.at + path);
        await assertAccessible(page);
        await assertNarrow(page);
      }
      // The browser itself logs the status of the page that is not there.
      assert.deepEqual(
        seen.filter((text) => !text.includes('status of 404')),
        [],
      );
      await page.close();
    },
  );

  await t.test('an item is found and looked at with the keyboard alone', async () => {
    const page = await made.browser.newPage();
    await page.goto(made.at);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
    await page.goto(made.at);
    while ((await page.evaluate('document.activeElement.id')) !== 'find') await page.keyboard.press('Tab');
    await page.keyboard.type('parcels');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/items\?q=parcels/);
    while ((await page.evaluate('document.activeElement.textContent')) !== 'Parcels') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/items\/[0-9a-f]{32}$/);
    assert.equal(await page.locator('h1').textContent(), 'Parcels');
    await page.close();
  });

  await t.test('a moment is told in the zone of its reader', async () => {
    const page = await made.browser.newPage({ timezoneId: 'Asia/Tokyo', locale: 'de-DE' });
    await page.goto(`${made.at}/runs`);
    const time = page.locator('tbody time').first();
    const utc = new Date((await time.getAttribute('datetime')) ?? '');
    const local = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' });
    assert.equal(await time.textContent(), local.format(utc));
    await page.close();
  });

  await t.test('a run that is begun by a press is followed to its end, and shows what it did', async () => {
    const page = await made.browser.newPage();
    const seen = watch(page, made.at);
    await page.goto(made.at);
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await page.getByText('Complete').first().waitFor();
    assert.deepEqual(seen, []);
    await page.close();
  });
});
