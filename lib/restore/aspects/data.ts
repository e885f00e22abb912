import { createHash } from 'node:crypto';
import type { Data } from '../../arcgis/writing/writing.ts';
import { canonicalJson, jsonIn } from '../../backup/json.ts';
import type { Item, Part } from '../../backup/item.ts';
import { typeInfo } from '../../backup/types.ts';
import { namingOf, wantedBytes } from '../references/wanted.ts';
import { hasStandIn } from '../stand-in.ts';
import type { Version } from '../version.ts';
import type { Difference } from '../words.ts';
import { collect, placeOf, type Aspect, type Target } from './aspect.ts';
import { largest, sendLarge } from './large-file.ts';

/** The version's data; undefined where it has none. */
export function dataPart({ manifest }: Version): Part | undefined {
  return manifest.parts.find(({ role }) => role === 'data');
}

/** The name of the file that an item is; undefined of an item whose data is a text in the portal. */
export function fileNameOf({ record, manifest }: Version, part: Part): string | undefined {
  const { name } = record;
  if (typeof name === 'string' && /[^.]\.\w+$/.test(name)) return name;
  return typeInfo(manifest.type).content === 'json' || part.path === 'data.json' ? undefined : part.path;
}

/** Is the item a file in the portal? */
export function isFile(version: Version): boolean {
  const part = dataPart(version);
  return part !== undefined && fileNameOf(version, part) !== undefined;
}

/** The item's data: a text as it was saved, to the byte but for ids that are others now; or its file. */
export const data: Aspect = {
  name: 'data',
  danger: 2,
  compare: async (target, item) => {
    const part = dataPart(target.version);
    if (part === undefined) return (await hasData(target, item)) ? [differs('data, where the version has none')] : [];
    const fileName = fileNameOf(target.version, part);
    const named = fileName === undefined ? [] : calledOtherwise(item, fileName);
    if (part.lfs && namingOf(target.version, part, fileName) === 'none')
      return [...(await compareLarge(target, part)), ...named];
    const wanted = await wantedBytes(target, part, fileName);
    const found = await target.portal.download(target.id, 'data', {});
    // The same JSON may come with other spaces.
    const bytes = found && (await collect(found.body, 4 * wanted.length + 1024));
    if (bytes?.equals(wanted)) return named;
    const isSameJson = bytes !== undefined && isSame(bytes, wanted);
    return [{ ...differs(part.path), ...(isSameJson && { equivalent: true as const }) }];
  },
  write: async (target, item, writing) => {
    const part = dataPart(target.version);
    // An update without data leaves what is there (restore.md 1.3).
    if (part === undefined) return writing.updateData(placeOf(item), { text: '{}' });
    const fileName = fileNameOf(target.version, part);
    // Its own name is taken here.
    const name = hasStandIn(item) && item.name !== null ? item.name : fileName;
    if (name !== undefined && part.size > largest) return sendLarge(target, item, writing, part, name);
    return writing.updateData(placeOf(item), await dataFor(target, part, name));
  },
};

/** What the data is sent as. @param name of the file, where it is not its own */
export async function dataFor(
  target: Pick<Target, 'archive' | 'version' | 'map'>,
  part: Part,
  name?: string,
): Promise<Data> {
  const fileName = fileNameOf(target.version, part);
  const bytes = await wantedBytes(target, part, fileName);
  if (fileName === undefined) return { text: bytes.toString() };
  return { file: new File([new Uint8Array(bytes)], name ?? fileName) };
}

/** The portal had a file of its name already when it was made. */
function calledOtherwise(item: Item, fileName: string): Difference[] {
  if (!hasStandIn(item) || item.name === fileName) return [];
  return [{ ...differs(`called ${item.name ?? ''} in place of ${fileName}`), equivalent: true }];
}

const differs = (what: string): Difference => ({ part: 'data', what });

async function hasData({ portal, id }: Target, item: Item): Promise<boolean> {
  const found = await portal.download(id, 'data', {});
  if (found === undefined) return false;
  const text = (await collect(found.body, 16))?.toString().trim();
  return text !== '' && !(typeInfo(item.type).content === 'json' && text === '{}');
}

function isSame(a: Buffer, b: Buffer): boolean {
  const [one, other] = [jsonIn(a.toString()), jsonIn(b.toString())];
  return one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other);
}

async function compareLarge({ portal, id }: Target, part: Part): Promise<Difference[]> {
  const found = await portal.download(id, 'data', {});
  if (found === undefined) return [differs(part.path)];
  const hash = createHash('sha256');
  for await (const piece of found.body) hash.update(piece);
  return hash.digest('hex') === part.sha256 ? [] : [differs(part.path)];
}
