import { z } from 'zod';

const said = z.looseObject({ description: z.string().nullish(), message: z.string().nullish() });

/** What an error that stands inside an answer says, for people; undefined where it says nothing. */
export function wordsIn(error: unknown): string | undefined {
  const { description, message } = said.safeParse(error).data ?? {};
  const words = description ?? message ?? undefined;
  return words === undefined ? undefined : `the portal says: ${words.slice(0, 300)}`;
}
