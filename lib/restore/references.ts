/** New ids by the old ones: of items, folders and groups alike, for all ids look the same. */
export type IdMap = ReadonlyMap<string, string>;

/** An id where nothing else is: not a part of a longer hash. */
const ids = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi;

/**
 * A text with the ids that are keys of the map replaced, wherever they stand; nothing else is touched, to the byte (restore.md 3.4).
 */
export function rewrite(text: string, map: IdMap): string {
  if (map.size === 0) return text;
  return text.replace(ids, (id) => map.get(id.toLowerCase()) ?? id);
}

/** Does the text name something that the map replaces? */
export function namesAny(text: string, map: IdMap): boolean {
  return map.size > 0 && rewrite(text, map) !== text;
}

/** Bytes with the ids replaced where they are text; what is no UTF-8 is left as it is. */
export function rewriteBytes(bytes: Buffer, map: IdMap): Buffer {
  if (map.size === 0) return bytes;
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) return bytes;
  const changed = rewrite(text, map);
  return changed === text ? bytes : Buffer.from(changed);
}
