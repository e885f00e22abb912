/** The one owner of the names that git knows in a bare repository. */

/** The branch; its blob is the only commit point. */
export const branch = 'refs/heads/main';
export const headName = 'HEAD';
export const configName = 'config';
/** For git over plain HTTP; made again from the branch whenever it lags behind. */
export const infoRefs = 'info/refs';
/** Which packs are part of the repository; a pack that it does not list is not. */
export const infoPacks = 'objects/info/packs';
/** Where a person's `git gc` puts branches. */
export const packedRefs = 'packed-refs';

export const headText = `ref: ${branch}\n`;
export const configText = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

/** All packs and their indexes. */
export const allPacks = 'objects/pack/';
/** The pack of this name (40 hex digits). */
export const packName = (name: string) => `${allPacks}pack-${name}.pack`;
/** Its index. */
export const indexOfPack = (name: string) => `${allPacks}pack-${name}.idx`;

/** Where a person's git may leave an object that is in no pack. */
export const looseName = (oid: string) => `objects/${oid.slice(0, 2)}/${oid.slice(2)}`;

/** Where packed-refs has the branch; undefined when it has not. https://git-scm.com/docs/git-pack-refs */
export function readPackedBranch(text: string): string | undefined {
  return new RegExp(`^([0-9a-f]{40}) ${branch}$`, 'm').exec(text)?.[1];
}

/** Is this what the blob of a branch holds: a commit's id and a line end? */
export function isCommitId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The lines of objects/info/packs. */
export function packsText(names: readonly string[]): string {
  return names.map((name) => `P pack-${name}.pack\n`).join('') + '\n';
}

/** Reads objects/info/packs; the newest pack stands first. */
export function readPacks(text: string): string[] {
  return [...text.matchAll(/^P pack-([0-9a-f]{40})\.pack$/gm)].map((found) => found[1] ?? '');
}

/** info/refs with the branch at this commit; what a person's git listed besides stays, and what is no line of it goes. */
export function withBranch(text: string, commit: string): string {
  const isOther = (line: string) => /^[0-9a-f]{40}\trefs\/[^\s\x00-\x1f]+$/.test(line) && !line.endsWith(`\t${branch}`);
  const others = text.split('\n').filter(isOther);
  return [`${commit}\t${branch}`, ...others, ''].join('\n');
}
