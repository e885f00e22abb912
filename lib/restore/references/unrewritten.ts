import type { Archive } from '../../archive/archive.ts';
import { dataPart, fileNameOf } from '../aspects/data.ts';
import { bytesOf, type Version } from '../version.ts';
import type { AspectName, Difference } from '../words.ts';
import { isEmptyMap, type IdMap } from './id-map.ts';
import { canUnpack } from './rewrite-zip.ts';
import { aspectOf, formOf, namingOf } from './wanted.ts';

/** A part in which names stay as they were, although others of its kind get new ones. */
export interface Unrewritten {
  aspect: AspectName;
  path: string;
  why: string;
}

/** What of a version is too large to be written anew, or cannot be unpacked; nothing where nothing has another name. */
export async function unrewritten(archive: Archive, version: Version, map: IdMap): Promise<Unrewritten[]> {
  if (isEmptyMap(map)) return [];
  const found: Unrewritten[] = [];
  const data = dataPart(version);
  for (const part of version.manifest.parts) {
    const fileName = part === data ? fileNameOf(version, part) : undefined;
    const [aspect, form] = [aspectOf(part), formOf(version, part, fileName)];
    if (aspect === undefined || form === 'none') continue;
    const { path } = part;
    if (namingOf(version, part, fileName) === 'none') found.push({ aspect, path, why: 'it is too large' });
    else if (form === 'zip' && !(await canUnpack(await bytesOf(archive, version, part))))
      found.push({ aspect, path, why: 'it cannot be unpacked, or is too large then' });
  }
  return found;
}

/** A sentence about one. */
export function unrewrittenText({ path, why }: Unrewritten): string {
  return `names in ${path} stay as they are: ${why}`;
}

/** The same as differences that are told, and that nothing can be done about. @param only what is compared */
export async function unrewrittenDifferences(
  { archive, version, map }: { archive: Archive; version: Version; map: IdMap },
  only: ReadonlySet<AspectName>,
): Promise<Difference[]> {
  const found = (await unrewritten(archive, version, map)).filter(({ aspect }) => only.has(aspect));
  return found.map((each) => ({ part: each.aspect, what: unrewrittenText(each), equivalent: true }));
}
