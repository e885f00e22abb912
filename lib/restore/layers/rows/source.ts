import type { Download } from '../../../arcgis/content/download.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import type { HostedTable, LayerTraits } from '../../../arcgis/layers/hosted-service.ts';
import type { LayerInfo } from '../../../arcgis/layers/layer-info.ts';
import type { Written } from './row.ts';

/** A file at a row of a version. */
export interface SourceFile {
  /** object id that the row had */
  row: number;
  /** global id of the row, where it is known, in one spelling */
  globalId: string | undefined;
  name: string;
  /** bytes */
  size: number;
  contentType: string | undefined;
  keywords: string;
  open(): Promise<Buffer<ArrayBuffer>>;
}

/** The rows of one layer or table of a version. May be read again and again. */
export interface SourceLayer {
  /** number of the layer in the version */
  id: number;
  name: string;
  /** as the version's definition has it */
  info: LayerInfo;
  traits: LayerTraits;
  /** how rows and shapes are written; known once the first page was read */
  written(): Written;
  /** how many rows there are */
  count: number;
  /** its rows, some at a time, in the order of their object ids. @param skip so many are left out at the beginning */
  pages(skip?: number): AsyncIterable<readonly Row[]>;
  /** files of its rows, in the order of these. @param after object id of the row behind which they begin */
  files(after?: number): AsyncIterable<SourceFile>;
  /** where the portal has made a copy of it: that, and the table of its file from which it can be loaded at once */
  copy?: HostedTable;
  loading?: { itemId: string; table: string };
}

/** The rows of a version, wherever they are read. */
export interface RowSource {
  layers: readonly SourceLayer[];
}

/** All bytes of a file at a row. */
export async function wholeOf(found: Download): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of found.body) pieces.push(piece);
  return Buffer.concat(pieces);
}
