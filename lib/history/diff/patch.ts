import { createTwoFilesPatch } from 'diff';
import type { Archive } from '../../archive/archive.ts';
import { hashObject } from '../../git/pack/pack-entry.ts';
import { pathsUnlike } from '../describe.ts';
import type { State } from '../history.ts';
import { filesBelow, smallFile } from '../item-files.ts';

/** ms for one file; two that have nothing in common would take long to be told apart line by line. */
const longest = 3000;

/**
 * What `git diff` prints of the files of an item, as they lie in git: of a Git LFS object its pointer. `git apply` takes it.
 * https://git-scm.com/docs/diff-format#generate_patch_text_with_p
 */
export async function itemPatch(
  archive: Archive,
  before: State | undefined,
  after: State | undefined,
): Promise<string> {
  const unlike = await pathsUnlike(archive, before, after);
  const patches = await renames(archive, before, after, new Set(unlike));
  for (const path of unlike) {
    const old = before && (await smallFile(archive, before, path));
    const now = after && (await smallFile(archive, after, path));
    const from = `a/${before?.path ?? after?.path ?? ''}/${path}`;
    const to = `b/${after?.path ?? before?.path ?? ''}/${path}`;
    patches.push(filePatch(from, to, old, now));
  }
  return patches.join('');
}

/** What moved with its item and stayed what it was. */
async function renames(
  archive: Archive,
  before: State | undefined,
  after: State | undefined,
  unlike: ReadonlySet<string>,
): Promise<string[]> {
  if (before === undefined || after === undefined || before.path === after.path) return [];
  const same = [...(await filesBelow(archive, after.tree)).keys()].filter((path) => !unlike.has(path));
  return same.map((path) => {
    const [from, to] = [`${before.path}/${path}`, `${after.path}/${path}`];
    const head = `diff --git ${quoted(`a/${from}`)} ${quoted(`b/${to}`)}\nsimilarity index 100%\n`;
    return `${head}rename from ${quoted(from)}\nrename to ${quoted(to)}\n`;
  });
}

function filePatch(from: string, to: string, old: Buffer | undefined, now: Buffer | undefined): string {
  const head = [`diff --git ${quoted(from)} ${quoted(to)}`];
  if (old === undefined) head.push('new file mode 100644');
  else if (now === undefined) head.push('deleted file mode 100644');
  else if (from.slice(1) !== to.slice(1))
    head.push(`rename from ${quoted(from.slice(2))}`, `rename to ${quoted(to.slice(2))}`);
  const ids = [old, now].map((bytes) => (bytes === undefined ? '0'.repeat(40) : hashObject('blob', bytes)));
  head.push(`index ${ids.join('..')}${old === undefined || now === undefined ? '' : ' 100644'}`);
  const names = [old === undefined ? '/dev/null' : quoted(from), now === undefined ? '/dev/null' : quoted(to)] as const;
  const text = (bytes: Buffer | undefined) => bytes?.toString() ?? '';
  const patch =
    isBinary(old) || isBinary(now)
      ? undefined
      : createTwoFilesPatch(...names, text(old), text(now), undefined, undefined, { context: 3, timeout: longest });
  if (patch === undefined) return `${head.join('\n')}\nBinary files ${names.join(' and ')} differ\n`;
  // The library's own head is a line of equal signs and names as it writes them.
  const hunks = patch.replace(/^(?:=+\n)?--- .*\n\+\+\+ .*\n/, '');
  // Behind a name with a space git writes a tab, so that its end is seen.
  const [minus, plus] = names.map((name) => (/ /.test(name) && !name.startsWith('"') ? `${name}\t` : name));
  return [...head, ...(hunks === '' ? [] : [`--- ${minus}`, `+++ ${plus}`]), hunks].join('\n');
}

/** As git looks at it: a NUL among the first bytes; and what is no UTF-8, which would not come out as it went in. */
function isBinary(bytes: Buffer | undefined): boolean {
  if (bytes === undefined) return false;
  return bytes.subarray(0, 8000).includes(0) || !Buffer.from(bytes.toString()).equals(bytes);
}

/** Names with quotes, backslashes or control characters, in the quotes of C. https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath */
function quoted(name: string): string {
  if (!/["\\\x00-\x1f\x7f]/.test(name)) return name;
  return `"${name.replace(/["\\]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}
