import { readFile } from 'node:fs/promises';
import { startLocalHost } from '../lib/cli/local-host.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { historyArchive, idOf } from '../test/support/history-archive.ts';

/** The page over an archive of 10,000 items on disk: until a page paints first in a browser, and how large its script is. */
const archive = await historyArchive({ items: 10_000, commits: 20, changes: 200 }, (line) => console.error(line));
const env = { BACKUP_STORE: `file:${archive}` };
const { host } = await startLocalHost(env, () => undefined, { onlyLooks: true });
const { port } = await host.serve(0);
const browser = await launchChromium();
const page = await browser.newPage();
const firstPaint = `new Promise((resolve) => {
  const seen = (entries) => entries.filter(({ name }) => name === 'first-contentful-paint').forEach(({ startTime }) => resolve(startTime));
  new PerformanceObserver((list) => seen(list.getEntries())).observe({ type: 'paint', buffered: true });
})`;
for (const [name, path] of [
  ['overview', '/'],
  ['search', '/items?q=500&state=all'],
  ['item', `/items/${idOf(5003)}`],
] as const) {
  const spent: string[] = [];
  // The first time the history is read; then it is known until the branch moves.
  for (let n = 0; n < 4; n++) {
    await page.goto(`http://127.0.0.1:${port}${path}`);
    spent.push((Number(await page.evaluate(firstPaint)) / 1000).toFixed(2));
  }
  console.log(`first paint of the ${name}: ${spent.join(', ')} s`);
}
const script = await readFile(new URL('../page/page.js', import.meta.url));
console.log(`script: ${(script.length / 1000).toFixed(1)} kB of at most 60`);
if (script.length > 60_000) process.exitCode = 1;
await browser.close();
await host.close();
