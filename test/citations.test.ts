import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../', import.meta.url);
const folders = ['', 'docs/', 'docs/reference/'];
const code = ['{lib,functions,test,bench,infra}/**/*.{ts,bicep,bicepparam}', 'eslint.config.js'];

/** What a comment cites: a document, and perhaps the number of a section or rule. */
interface Citation {
  name: string;
  section: string | undefined;
}

/** Comments of a source file, each as one line. Lines that begin with // and follow each other are one comment. */
function comments(source: string): string[] {
  const found = source.match(/\/\*[\s\S]*?\*\/|(?:\/\/.*(?:\n[ \t]*(?=\/\/))?)+/g) ?? [];
  return found.map((comment) => comment.replaceAll(/\s*\n\s*(\*(?!\/)|\/\/)?\s*/g, ' '));
}

/** Not what stands in an address of the web. */
function citations(comment: string): Citation[] {
  const cited =
    /(?<![\w/.:-])(?:docs\/(?:reference\/)?)?([\w-]+\.md)\b((?:(?:,| and|) (?:sections? |rules? |§ ?)?\d+(?:\.\d+)*)*)/g;
  return [...comment.matchAll(cited)].flatMap(([, name = '', numbers = '']) => {
    const sections = numbers.match(/\d+(\.\d+)*/g) ?? [undefined];
    return sections.map((section) => ({ name, section }));
  });
}

/** Has the document a heading or a rule of that number? */
function hasSection(text: string, section: string): boolean {
  const number = section.replaceAll('.', '\\.');
  return new RegExp(`^(#+ ${number}\\.?|${number}\\.) `, 'm').test(text);
}

async function problem({ name, section }: Citation): Promise<string | undefined> {
  const place = folders.map((folder) => new URL(folder + name, root)).find((url) => existsSync(url));
  if (place === undefined) return `${name} is not in the repository`;
  if (section === undefined || hasSection(await readFile(place, 'utf8'), section)) return undefined;
  return `${name} has no section ${section}`;
}

test('every document that a comment cites is in the repository, and has the section', async () => {
  const problems: string[] = [];
  let count = 0;
  for await (const file of glob(code, { cwd: root })) {
    const said = comments(await readFile(new URL(file, root), 'utf8'));
    const cited = said.flatMap(citations);
    count += cited.length;
    if (said.some((comment) => /\bdesign,? (section )?\d/i.test(comment)))
      problems.push(`${file}: a design is cited that is not in the repository`);
    for (const one of cited) {
      const what = await problem(one);
      if (what !== undefined) problems.push(`${file}: ${what}`);
    }
  }
  assert.deepEqual(problems, []);
  assert.ok(count > 25, `only ${count} citations were found`);
});

test('a citation is found across lines of a comment, and not in an address', () => {
  const source = [
    '/**',
    ' * Why (arcgis-rest.md',
    ' * 6.1, 9.2), see docs/reference/azure-functions.md, rule 13. https://example.org/docs/spec.md',
    ' */',
    "const x = 'README.md'; // as in git-on-blob-storage.md, section",
    '// 3 says',
  ].join('\n');
  assert.deepEqual(comments(source).flatMap(citations), [
    { name: 'arcgis-rest.md', section: '6.1' },
    { name: 'arcgis-rest.md', section: '9.2' },
    { name: 'azure-functions.md', section: '13' },
    { name: 'git-on-blob-storage.md', section: '3' },
  ]);
});

test('every relative link of the documentation leads to a file', async () => {
  const problems: string[] = [];
  for await (const file of glob(['*.md', 'docs/**/*.md'], { cwd: root })) {
    const text = await readFile(new URL(file, root), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)) {
      if (!existsSync(new URL(target, new URL(file, root)))) problems.push(`${file}: ${target}`);
    }
  }
  assert.deepEqual(problems, []);
});
