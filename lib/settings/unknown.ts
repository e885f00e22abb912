import { definitions } from './table.ts';
import type { Environment } from './table.ts';

const known = Object.keys(definitions);
/** What our names begin with; `RESTORE_` and `ARCHIVE_` are kept for settings to come. */
const ours = /^(?:ARCGIS|ARCHIVE|BACKUP|HEALTHCHECKS|RESTORE|VERIFY)_|^KEY_VAULT/;
/** Changes of a letter by which a name is still taken for ours, whatever it begins with. */
const slips = 2;

/**
 * Names in the environment that look like a setting and are none, each with the nearest that is one: a misspelt setting
 * has no effect, and nobody would notice. A sentence each; it holds no value. Not an error: other tools have names too.
 */
export function unknownSettings(env: Environment): string[] {
  const names = Object.keys(env).filter((name) => env[name] !== undefined && !known.includes(name));
  return names.sort().flatMap((name) => {
    const plain = name.toUpperCase().replace(/[-.\s]/g, '_');
    const [nearest = '', distance = 0] = nearestTo(plain);
    if (!ours.test(plain) && distance > slips) return [];
    return [`${name} is no setting of ago-backup and has no effect; the nearest one is ${nearest}.`];
  });
}

function nearestTo(name: string): [string, number] | [] {
  const found = known.map((each): [string, number] => [each, distanceOf(name, each)]);
  return found.sort(([, a], [, b]) => a - b)[0] ?? [];
}

/** How many letters must be put in, taken out or changed to make one text the other (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let at = 0; at < b.length; at++) {
      const changed = (row[at] ?? 0) + (letter === b[at] ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
