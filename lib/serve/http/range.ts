import type { Range } from '../../storage/blob-store.ts';

/**
 * The bytes that a header Range asks for, of a body of `size` bytes; undefined = all of it, as of several ranges, units that
 * nobody knows and what is no range; `none` = they lie behind its end. https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function readRange(header: string | null, size: number): Range | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  return start >= size || end <= start ? 'none' : { start, length: end - start };
}
