import { z } from 'zod';

/** What a client of Git LFS asks for. https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
const batch = z.object({
  operation: z.enum(['download', 'upload']),
  objects: z.array(z.object({ oid: z.string().max(200), size: z.number() })),
  hash_algo: z.string().max(50).optional(),
});

/** A batch that can be answered. */
export type Batch = z.infer<typeof batch>;

/** Where an object comes from. */
export interface Source {
  href: string;
  /** s; undefined = as long as the app is there */
  expiresIn?: number;
  /** who follows it needs no key */
  isOpen: boolean;
}

/** One object of the answer. */
export type BatchObject =
  | { oid: string; size: number; authenticated: boolean; actions: { download: { href: string; expires_in?: number } } }
  | { oid: string; size: number; error: { code: number; message: string } };

/** What is answered, with its status. */
export interface LfsAnswer {
  status: number;
  body: object;
}

/** Objects of one batch; git-lfs asks for a hundred at a time. */
const mostObjects = 1000;

/** Reads a batch, or says what is wrong with it. */
export function readBatch(text: string): Batch | LfsAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refusal(400, 'The request is not JSON.');
  }
  const found = batch.safeParse(value);
  if (!found.success) return refusal(422, 'The request is no batch of Git LFS.');
  const { operation, objects, hash_algo: algorithm = 'sha256' } = found.data;
  if (operation === 'upload') return refusal(403, readOnly);
  if (algorithm !== 'sha256') return refusal(409, 'The archive names large files by their SHA-256.');
  if (objects.length > mostObjects) return refusal(413, `Ask for at most ${mostObjects} objects at a time.`);
  return found.data;
}

/** Why nothing can be stored or locked. */
export const readOnly = 'This archive is read-only: what is in it comes from the portal.';

/** What git-lfs shows to the person before it. */
export function refusal(status: number, message: string): LfsAnswer {
  return { status, body: { message } };
}

/** Is it the name of a Git LFS object? */
export function isLargeId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The object as it can be had. */
export function downloadOf(oid: string, size: number, { href, expiresIn, isOpen }: Source): BatchObject {
  const download = { href, ...(expiresIn !== undefined && { expires_in: expiresIn }) };
  return { oid, size, authenticated: isOpen, actions: { download } };
}

/** The object that cannot be had. */
export function lacking(oid: string, size: number, code: 404 | 422, message: string): BatchObject {
  return { oid, size, error: { code, message } };
}
