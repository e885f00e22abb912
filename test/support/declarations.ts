import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('../../lib/cli/commands/', import.meta.url);

/** The code that says which commands there are, and what each of them takes. */
export async function declarations(): Promise<string> {
  const files = (await readdir(folder)).sort();
  return (await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
}
