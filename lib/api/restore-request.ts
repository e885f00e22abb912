import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { BackupError } from '../errors.ts';
import { askedModes } from '../restore/words.ts';
import { readJsonBody } from './answers.ts';
import type { RestoreRequest } from './restores.ts';

const text = z.string().trim().min(1).max(1000);
const texts = z.array(text).max(1000);

/** What POST /api/restores takes: the options of the command, by their names. */
const request = z
  .strictObject({
    items: texts,
    users: texts,
    folders: texts,
    groups: texts,
    all: z.boolean(),
    withUses: z.boolean(),
    at: text,
    mode: z.enum(askedModes),
    only: texts,
    owner: text,
    widenSharing: z.boolean(),
    repoint: z.boolean(),
    rows: z.enum(['all', 'missing', 'changed']),
    fields: texts,
  })
  .partial();

/** Reads the body of POST /api/restores. Throws USAGE. */
export async function readRestoreRequest(http: HttpRequest): Promise<RestoreRequest> {
  return checkRestoreRequest(await readJsonBody(http));
}

/** Checks what a restore is asked for. Throws USAGE with what is wrong. */
export function checkRestoreRequest(value: unknown): RestoreRequest {
  const found = request.safeParse(value);
  if (found.success) {
    const given = Object.fromEntries(Object.entries(found.data).filter(([, value]) => value !== undefined));
    return { items: [], ...given };
  }
  const [issue] = found.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new BackupError(
    'USAGE',
    `The request cannot be used: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}.`,
    {
      hint: 'Send {"items": ["id or title"], "at": "2026-11-17", "mode": "auto"}; `ago-backup restore --help` says what else there is.',
    },
  );
}
