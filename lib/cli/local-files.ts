import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { BackupError } from '../errors.ts';
import type { Environment } from '../settings/table.ts';

/**
 * The environment of a laptop: the process's own, then `.env`, then `Values` of `local.settings.json`, from `folder`.
 * Throws SETTINGS_INVALID when one of the files cannot be read as what it is.
 */
export function readLocalEnvironment(folder: string, own: Environment): Environment {
  return { ...readValues(resolve(folder, 'local.settings.json')), ...readDotEnv(resolve(folder, '.env')), ...own };
}

function readDotEnv(path: string): Environment {
  const text = readText(path);
  if (text === undefined) return {};
  const found = parseEnv(text);
  // Node ends a value at any `#`; people and shells, only where a space stands before it. A password would be cut unseen.
  for (const [, name = '', space, value = ''] of text.matchAll(unquoted)) {
    const isComment = space !== '' && value.startsWith('#');
    if (!isComment && found[name] === value.split('#', 1)[0]?.trimEnd())
      found[name] = value.split(/\s#/, 1)[0]?.trimEnd();
  }
  return found;
}

/** `NAME=value`, the value not in quotes. */
const unquoted = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=([ \t]*)([^\s"'`][^\r\n]*)$/gm;

function readValues(path: string): Environment {
  const text = readText(path);
  if (text === undefined) return {};
  try {
    const { Values = {} } = JSON.parse(text) as { Values?: Record<string, unknown> };
    return Object.fromEntries(Object.entries(Values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    // The message of JSON.parse quotes the text, and so perhaps a password; only the place is taken from it.
    const place = /line \d+ column \d+/.exec(String(error))?.[0];
    throw new BackupError('SETTINGS_INVALID', `${path} is not valid JSON${place ? ` (${place})` : ''}.`);
  }
}

function readText(path: string): string | undefined {
  try {
    // Editors on Windows begin a file with a byte order mark, which would become part of the first name.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BackupError('SETTINGS_INVALID', `${path} cannot be read.`, { cause: error });
  }
}
