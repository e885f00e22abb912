import { z } from 'zod';
import type { Item } from '../../backup/item.ts';

// Ids become names of blobs and keys of objects; nothing else may stand in them, and no key that every object has.
const id = z
  .string()
  .regex(/^[0-9A-Za-z_-]{1,64}$/)
  .refine((text) => !(text in {}));
const texts = z
  .array(z.string().nullish())
  .nullish()
  .transform((all) => (all ?? []).filter((each) => typeof each === 'string'));
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** An item as a listing gives it; fields that we do not decide on go through untouched. */
export const itemSchema: z.ZodType<Item, unknown> = z.looseObject({
  id,
  owner: z.string().min(1),
  title: text,
  type: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  typeKeywords: texts,
  tags: texts,
  name: text,
  url: text,
  size: z
    .number()
    .nullish()
    .transform((value) => value ?? -1),
  created: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
  modified: z.number(),
  ownerFolder: id.nullish().transform((value) => value ?? null),
});

/** A folder as a listing gives it. */
export const folderSchema = z.looseObject({
  id,
  title: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  created: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
});
