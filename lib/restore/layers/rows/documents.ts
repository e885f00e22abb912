import type { Archive } from '../../../archive/archive.ts';
import { largeName } from '../../../archive/layout.ts';
import { bareId } from '../../../arcgis/layers/global-ids.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import { layersOf } from '../../../arcgis/layers/hosted-service.ts';
import type { Part } from '../../../backup/item.ts';
import { isDocumentPath, layerOfPath, rowOfPath } from '../../../backup/layers/kept-rows.ts';
import { BackupError } from '../../../errors.ts';
import { bytesOf, type Version } from '../../version.ts';
import type { Written } from './row.ts';
import type { RowSource, SourceFile, SourceLayer } from './source.ts';

/** Rows of a page. */
const mostRows = 500;

/** The parts of a version that are documents of rows. */
export function documentsOf({ manifest }: Version): Part[] {
  return manifest.parts.filter(({ role, path }) => role === 'export' && isDocumentPath(path));
}

/** The layers of a version's definition. Throws RESTORE_DAMAGED. */
export async function layersOfVersion(archive: Archive, version: Version): Promise<ReturnType<typeof layersOf>> {
  const part = version.manifest.parts.find(({ role }) => role === 'layers');
  if (part === undefined)
    throw new BackupError('RESTORE_DAMAGED', `The version of ${version.itemId} lacks the definition of its layers.`);
  const { layers } = JSON.parse((await bytesOf(archive, version, part)).toString()) as {
    layers?: { layers?: unknown[]; tables?: unknown[] };
  };
  const list = { layers: layers?.layers ?? [], tables: layers?.tables ?? [], answer: {} };
  return layersOf(list, `The definition of ${version.itemId}`);
}

/** The rows of a version that was read row by row, straight from the archive. Throws RESTORE_DAMAGED. */
export async function openDocuments(archive: Archive, version: Version): Promise<RowSource> {
  const defined = await layersOfVersion(archive, version);
  const layers: SourceLayer[] = [];
  for (const part of documentsOf(version)) {
    const found = defined.find(({ info }) => info.id === layerOfPath(part.path));
    if (found === undefined)
      throw new BackupError('RESTORE_DAMAGED', `${part.path} of ${version.itemId} belongs to no layer.`);
    layers.push(await openDocument(archive, version, part, found));
  }
  return { layers };
}

async function openDocument(
  archive: Archive,
  version: Version,
  part: Part,
  { info, traits }: Pick<SourceLayer, 'info' | 'traits'>,
): Promise<SourceLayer> {
  const form = part.path.endsWith('.geojson') ? 'geojson' : 'esri';
  let written: Written = { form, spatialReference: info.spatialReference };
  const lines = async () => linesOf(await openPart(archive, version, part));
  const read = async function* (skip = 0): AsyncGenerator<readonly Row[]> {
    let page: Row[] = [];
    let left = skip;
    for await (const line of await lines()) {
      if (!isRow(line)) continue;
      if (left-- > 0) continue;
      page.push(rowIn(line, info.objectIdField, part));
      if (page.length < mostRows) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  };
  let count = 0;
  for await (const line of await lines()) {
    if (isHead(line)) written = { form, spatialReference: headOf(line)['spatialReference'] };
    else if (isRow(line)) count += 1;
  }
  return {
    id: info.id,
    name: info.name,
    info,
    traits,
    written: () => written,
    count,
    pages: read,
    files: (after) => readFiles(archive, version, info.id, after),
  };
}

const isHead = (line: string) => line.endsWith('"features":[');
const isRow = (line: string) => !isHead(line) && !line.startsWith(']');

const headOf = (line: string) => JSON.parse(`${line}]}`) as Record<string, unknown>;

function rowIn(line: string, objectIdField: string | undefined, part: Part): Row {
  const { id, attributes, properties, geometry } = parsed<Record<string, unknown>>(line.replace(/,$/, ''), part);
  const values = (properties ?? attributes ?? {}) as Row['values'];
  const objectId = id ?? (objectIdField === undefined ? NaN : values[objectIdField]);
  return { objectId: Number(objectId), values, geometry: geometry ?? null };
}

function parsed<T>(text: string, { path }: Part): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BackupError('RESTORE_DAMAGED', `${path} has a line that is no JSON.`);
  }
}

/** Files at rows, as their index has them; what of them was not saved is left out. */
async function* readFiles(
  archive: Archive,
  version: Version,
  layer: number,
  after = -Infinity,
): AsyncGenerator<SourceFile> {
  const folder = `features/attachments/${layer}/`;
  const parts = version.manifest.parts.filter(({ path }) => path.startsWith(folder));
  const byPath = new Map(parts.map((part) => [part.path, part]));
  for (const index of parts.filter(({ path }) => isIndex.test(path)).sort(byNumber)) {
    for await (const line of linesOf(await openPart(archive, version, index))) {
      const said = parsed<Record<string, unknown>>(line, index);
      const part = byPath.get(String(said['path']));
      if (part === undefined) continue;
      const file = fileOf(archive, version, part, said);
      if (!(file.row <= after)) yield file;
    }
  }
}

const isIndex = /\/index(?: \d+)?\.jsonl$/;
const numberOf = ({ path }: Part) => Number(/ (\d+)\.jsonl$/.exec(path)?.[1] ?? 1);
const byNumber = (a: Part, b: Part) => numberOf(a) - numberOf(b);

function fileOf(archive: Archive, version: Version, part: Part, said: Readonly<Record<string, unknown>>): SourceFile {
  const text = (key: string) => (typeof said[key] === 'string' ? said[key] : undefined);
  const globalId = text('parentGlobalId');
  return {
    row: rowOfPath(part.path) ?? NaN,
    globalId: globalId === undefined ? undefined : bareId(globalId),
    name: text('name') ?? part.path.replace(/^.*\/\d+ /, ''),
    size: part.size,
    contentType: text('contentType'),
    keywords: text('keywords') ?? '',
    open: async () => Buffer.from(await bytesOf(archive, version, part)),
  };
}

async function openPart(archive: Archive, version: Version, part: Part): Promise<AsyncIterable<Uint8Array>> {
  if (!part.lfs) return [await bytesOf(archive, version, part)] as unknown as AsyncIterable<Uint8Array>;
  const found = await archive.store.stream(largeName(part.sha256));
  if (found === undefined) throw new BackupError('RESTORE_DAMAGED', `${part.path} is missing in the archive.`);
  return found.body;
}

/** The lines of a text, one after the other, none of them empty. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
