import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** What a page did that it must not: dialogs, reports of the policy, requests to elsewhere. @param own where its addresses begin */
export function watch(page: Page, own: string): string[] {
  const seen: string[] = [];
  page.on('dialog', (dialog) => void (seen.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  page.on('console', (message) => message.type() === 'error' && seen.push(message.text()));
  page.on('pageerror', (error) => seen.push(error.message));
  page.on('request', (request) => request.url().startsWith(own) || seen.push(`request ${request.url()}`));
  return seen;
}

/** Fails where axe finds that somebody cannot use the page as it is now, in light or dark. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const broken = async (options: object) => {
    const { violations } = await page.evaluate<{ violations: Violation[] }>(
      `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...options })})`,
    );
    return violations.map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
  };
  assert.deepEqual(await broken({}), []);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await broken({ runOnly: ['color-contrast'] }), []);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Fails where the page is wider than a phone, or than a window at 200 %. */
export async function assertNarrow(page: Page): Promise<void> {
  for (const width of [375, 640]) {
    await page.setViewportSize({ width, height: 700 });
    const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(needed <= width, `${page.url()} needs ${needed} of ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 700 });
}
