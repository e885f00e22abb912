import { jsonIn } from '../backup/json.ts';
import { z } from 'zod';
import { canonicalJson } from '../backup/json.ts';
import type { Manifest, Saved } from '../backup/item.ts';
import { olderNote } from './older-notes.ts';

const part = z.object({
  path: z.string(),
  role: z.enum(['data', 'export', 'metadata', 'record', 'thumbnail', 'resource', 'info', 'layers', 'related']),
  size: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  lfs: z.boolean(),
  name: z.string().optional(),
  private: z.literal(true).optional(),
});

const layer = z.object({
  id: z.number(),
  name: z.string(),
  rows: z.number().nullable(),
  attachments: z.number().nullable(),
  lastRow: z.number().nullable().optional(),
});

const note = z.union([
  z.object({ code: z.string(), text: z.string(), part: z.string().optional() }),
  z.string().transform(olderNote),
]);

const manifest = z.object({
  format: z.union([z.literal(1), z.literal(1.1)]),
  id: z.string(),
  owner: z.string(),
  folder: z.string(),
  folderId: z.string().nullable(),
  type: z.string(),
  title: z.string(),
  stamp: z.string(),
  parts: z.array(part),
  layers: z.array(layer).optional(),
  service: z.string().optional(),
  uses: z.array(z.string()).optional(),
  notes: z.array(note),
  gaps: z.array(z.object({ part: z.string(), code: z.string() })).optional(),
});

const index = z.object({
  format: z.literal(1),
  tree: z.string().optional(),
  items: z.array(manifest.extend({ path: z.string() })),
});

/** The bytes of `backup.json`. */
export function manifestBytes(saved: Manifest): Buffer {
  const notes = saved.format === 1 ? saved.notes.map(({ text }) => text) : saved.notes;
  return Buffer.from(canonicalJson({ ...saved, notes }));
}

/**
 * The manifest that the archive has, when the new one says the same: an item that did not change is not written again for a new
 * format alone, nor for what older versions of ago-backup did not record.
 * @param manifest without what the item uses
 */
export function unchangedManifest(saved: Saved | undefined, manifest: Manifest): Manifest | undefined {
  if (saved === undefined) return undefined;
  const { path: _path, ...before } = saved;
  const { uses: _uses, service: _service, ...said } = before;
  return manifestBytes({ ...manifest, format: saved.format }).equals(manifestBytes(said)) ? before : undefined;
}

/** Reads `backup.json`; undefined when the bytes are something else. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  return parse(manifest, bytes);
}

/** The bytes of a member's index: everything that the next run compares with. @param tree whose index it is */
export function indexBytes(tree: string, items: Iterable<Saved>): Buffer {
  const sorted = [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Buffer.from(JSON.stringify({ format: 1, tree, items: sorted }));
}

/** Reads the index of a tree; undefined when the bytes are something else, also another's, and it must be rebuilt. */
export function readIndex(tree: string, bytes: Uint8Array): Record<string, Saved> | undefined {
  const found = parse(index, bytes);
  // Those that version 0.1 made do not say whose they are.
  if (found?.tree !== undefined && found.tree !== tree) return undefined;
  return found && Object.fromEntries(found.items.map((saved) => [saved.id, saved]));
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
  return schema.safeParse(jsonIn(Buffer.from(bytes).toString())).data;
}
