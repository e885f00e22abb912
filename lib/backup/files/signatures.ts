/** What a file must look like to be what its name claims. Only claims that can be read off the first bytes are judged. */

const images: readonly [name: string, magic: readonly number[], at: number][] = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0],
  ['JPEG', [0xff, 0xd8, 0xff], 0],
  ['GIF', [0x47, 0x49, 0x46, 0x38], 0],
  ['TIFF', [0x49, 0x49, 0x2a, 0x00], 0],
  ['TIFF', [0x4d, 0x4d, 0x00, 0x2a], 0],
  ['BigTIFF', [0x49, 0x49, 0x2b, 0x00], 0],
  ['BigTIFF', [0x4d, 0x4d, 0x00, 0x2b], 0],
  ['BMP', [0x42, 0x4d], 0],
  ['WebP', [0x57, 0x45, 0x42, 0x50], 8],
  ['ICO', [0x00, 0x00, 0x01, 0x00], 0],
  ['JPEG 2000', [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50], 0],
  ['JPEG 2000 without a box', [0xff, 0x4f, 0xff, 0x51], 0],
  ['JPEG XR', [0x49, 0x49, 0xbc], 0],
  ['JPEG XL', [0xff, 0x0a], 0],
  ['JPEG XL', [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20], 0],
  ['HEIF', [0x66, 0x74, 0x79, 0x70], 4],
  ['NITF', [0x4e, 0x49, 0x54, 0x46], 0],
];
const imageName = /\.(png|jpe?g|gif|tiff?|bmp|webp|ico|jp2|j2k|jpf|heic|avif)$/i;
const zipName =
  /\.(zip|xlsx|docx|pptx|mpkx?|lpkx?|tpkx|vtpk|slpk|ppkx|aptx|mmpk|mspk|esriaddinx?|gpkx?|dlpk|kmz|eslpk|spk)$/i;

/** So many first bytes show whether a file is what its name claims. */
export const signatureBytes = 1024;

/** Must the file be a zip? Packages of ArcGIS Pro are, older ones (7z) begin otherwise and are left unjudged. */
export function isNamedZip(path: string): boolean {
  return /\.zip$/i.test(path);
}

/** May the file be a zip, to be checked when it begins like one? */
export function mayBeZip(path: string, head: Uint8Array): boolean {
  return zipName.test(path) && head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
}

/**
 * Why the file is not what its name claims, as a sentence; undefined when it may be. A member may name a PNG .jpg, so any
 * image will do for an image.
 * @param head its first bytes; all of them for short files
 */
export function wrongSignature(path: string, head: Uint8Array): string | undefined {
  const isPdf = /\.pdf$/i.test(path);
  // Readers look for the mark within the first kilobyte (ISO 32000, annex H.3.4.1).
  if (isPdf && !Buffer.from(head.subarray(0, signatureBytes)).includes('%PDF-')) return 'it is no PDF';
  if (imageName.test(path) && !images.some(([, magic, at]) => magic.every((byte, n) => head[at + n] === byte)))
    return 'it is no image';
  return undefined;
}

/** Is it JSON by its name? */
export function isNamedJson(path: string): boolean {
  return /\.(json|geojson|topojson|ipynb)$/i.test(path);
}

/**
 * Does a zipped file geodatabase have tables? They may lie in no folder, and some programs of Windows write its slashes the other way.
 * @param names of the zip's entries
 */
export function hasTables(names: readonly string[]): boolean {
  return names.some((name) => /(^|[\\/])a[0-9a-f]{8}\.gdbtable$/i.test(name));
}
