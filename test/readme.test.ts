import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { declarations } from './support/declarations.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

/** What the code says that the command takes: names of commands, and options of any of them. */
async function taken(): Promise<{ commands: Set<string>; options: Set<string> }> {
  const code = await declarations();
  const all = (pattern: RegExp) => new Set([...code.matchAll(pattern)].map(([, name = '']) => name));
  return { commands: all(/command\(\s*'([a-z-]+)'/g), options: all(/'(--[a-z-]+)/g) };
}

/** Each `ago-backup …` of a text, up to a comment. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:^|`|\$ )(?:npx )?ago-backup ([^\n`#]+)/gm)].map(([, line = '']) => line.trim());
}

test('the README can be read in five minutes', async () => {
  const words = (await read('README.md')).split(/\s+/).length;
  assert.ok(words <= 1500, `${words} words`);
});

test('every command and option that people are told of is one', async () => {
  const { commands, options } = await taken();
  for (const file of [
    'README.md',
    'docs/commands.md',
    'docs/restoring.md',
    'docs/operations.md',
    'docs/on-premises.md',
  ])
    for (const line of commandsIn(await read(file))) {
      const [name = ''] = line.split(/[ .,;:)]/);
      if (!/^[a-z-]+$/.test(name)) continue;
      assert.ok(commands.has(name), `${file}: ${line}`);
      for (const [option] of line.replace(/"[^"]*"/g, '').matchAll(/--[a-z-]+/g))
        assert.ok(
          options.has(option) || ['--store', '--json', '--help', '--version'].includes(option),
          `${file}: ${line}`,
        );
    }
});

test('every command is explained', async () => {
  const told = await read('docs/commands.md');
  const { commands } = await taken();
  assert.ok(commands.size > 10);
  for (const name of commands) assert.match(told, new RegExp(`\`${name}\\b`), name);
});

test('every page that the README and the pages lead to is there', async () => {
  const pages = [
    'README.md',
    ...['commands', 'settings', 'http', 'errors', 'archive', 'restoring'].map((name) => `docs/${name}.md`),
  ];
  for (const page of pages)
    for (const [, link = ''] of (await read(page)).matchAll(/\]\(([^)#]+)/g)) {
      if (/^https?:/.test(link)) continue;
      await access(new URL(link, new URL(page, root)));
    }
});
