import type { Relation } from '../../arcgis/content/relations.ts';
import type { PackageKind } from '../../arcgis/writing/publish.ts';
import type { Archive } from '../../archive/archive.ts';
import { jsonIn } from '../../backup/json.ts';
import { isCode } from '../../errors.ts';
import { bytesOf, type Version } from '../version.ts';

/** What a service is published from again, by the type of the file (restore.md 3.3). */
const kinds: Readonly<Record<string, PackageKind>> = {
  'Tile Package': { fileType: 'tilePackage' },
  'Compact Tile Package': { fileType: 'compactTilePackage' },
  'Vector Tile Package': { fileType: 'vectortilepackage', outputType: 'VectorTiles' },
  'Scene Package': { fileType: 'scenePackage', outputType: 'sceneService' },
};

/** Services whose tiles lie in the portal alone, and may come of a package. */
const ofPackages = new Set(['Map Service', 'Vector Tile Service', 'Scene Service']);

/** How a file of this type is published; undefined of what no service comes of. */
export function kindOf(type: string): PackageKind | undefined {
  return kinds[type];
}

/** Is it a hosted service whose tiles lie in the portal alone? */
export function isOfPackage({ record: { type, typeKeywords } }: Pick<Version, 'record'>): boolean {
  const isHosted = Array.isArray(typeKeywords) && typeKeywords.includes('Hosted Service');
  return isHosted && typeof type === 'string' && ofPackages.has(type);
}

/** The item that a service was published from, as its relations say; undefined where they do not. What is damaged is told elsewhere. */
export async function packageOf(archive: Archive, version: Version): Promise<string | undefined> {
  const part = version.manifest.parts.find(({ role }) => role === 'related');
  if (part === undefined) return undefined;
  try {
    const found = jsonIn((await bytesOf(archive, version, part)).toString());
    const list = Array.isArray(found) ? (found as Partial<Relation>[]) : [];
    return list.find(({ type, direction }) => type === 'Service2Data' && direction === 'forward')?.itemId;
  } catch (error) {
    if (isCode(error, 'RESTORE_DAMAGED', 'STORE_DAMAGED')) return undefined;
    throw error;
  }
}
