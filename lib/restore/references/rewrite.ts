import { decoded } from '../../decoded.ts';
import { isEmptyMap, serviceKey, type IdMap, type NewService } from './id-map.ts';

/** How an address is spelled: plain, in JSON with `\/`, or inside of another address, once or twice. */
interface Spelling {
  colon: string;
  slash: string;
  /** what an address goes on with, as a pattern */
  char: string;
  /** the plain text that is spelled so */
  plain: (text: string) => string;
  /** a plain text, spelled so */
  spell: (text: string) => string;
}

const ends = '%(?:0[0-9a-f]|20|2[2367c]|3[bcef]|5c)';
const spellings: readonly Spelling[] = [
  { colon: ':', slash: '/', char: String.raw`[^\s"'<>\\?#]`, plain: (text) => text, spell: (text) => text },
  {
    colon: ':',
    slash: String.raw`\\/`,
    char: String.raw`(?:[^\s"'<>\\?#/]|\\/)`,
    plain: (text) => text.replaceAll('\\/', '/'),
    spell: (text) => text.replaceAll('/', '\\/'),
  },
  {
    colon: '%3a',
    slash: '%2f',
    char: String.raw`(?:[^\s"'<>\\?#&/%:]|(?!${ends})%[0-9a-f]{2})`,
    plain: decoded,
    spell: encodeURIComponent,
  },
  {
    colon: '%253a',
    slash: '%252f',
    char: String.raw`(?:[^\s"'<>\\?#&/%:]|(?!${ends.replace('%', '%25')})%25[0-9a-f]{2})`,
    plain: (text) => decoded(decoded(text)),
    spell: (text) => encodeURIComponent(encodeURIComponent(text)),
  },
];

/** Address of a service, and the number of a layer. Two slashes end it, so that a hostile text costs no more than its length. */
const patterns = spellings.map(
  ({ colon, slash, char }) =>
    `(?:https?${colon})?${slash}${slash}(?!${slash})(?:(?!${slash}${slash})${char}){1,500}${slash}\\w{1,40}Server\\b(?:${slash}\\d{1,9}\\b)?`,
);

/** An id where nothing else is: no part of a longer word, but for what JSON and addresses put before it. */
const id = String.raw`(?:(?<=%[0-9a-f]{2}|\\[nrtbf]|\\u[0-9a-f]{4})|(?<![0-9a-z_]))[0-9a-f]{32}(?![0-9a-z_])`;
const ids = new RegExp(id, 'gi');
const tokens = new RegExp([...patterns.map((pattern) => `(${pattern})`), id].join('|'), 'gi');

/**
 * A text with the ids and the addresses of services that are keys of the map replaced, wherever they stand and however they are spelled;
 * nothing else is touched, to the byte. The name of a service that is where it was stays, also where it looks like an id.
 */
export function rewrite(text: string, map: IdMap): string {
  if (isEmptyMap(map)) return text;
  return text.replace(tokens, (token: string, ...groups: unknown[]) => {
    const spelling = spellings[spellings.findIndex((_, n) => groups[n] !== undefined)];
    return spelling === undefined ? nameNow(token, map) : addressNow(token, spelling, map);
  });
}

const nameNow = (name: string, map: IdMap) => map.ids.get(name.toLowerCase()) ?? name;

function addressNow(token: string, spelling: Spelling, map: IdMap): string {
  // What follows an address may look like the end of one.
  for (let end = token.length; end > 0; end = serverBefore(token, end - 1)) {
    const address = token.slice(0, end);
    const now = moved(address, spelling, map);
    if (now !== undefined) return now + rewrite(token.slice(end), map);
  }
  const [head = ''] = beforeService.exec(token) ?? [];
  return head.replace(ids, (each) => nameNow(each, map)) + token.slice(head.length);
}

/** What of the address of a service says where it is; what follows is its name. */
const beforeService = /^.*?\brest(?:\\?\/|%2f|%252f)services(?=\\?\/|%2f|%252f)/i;

/** Where the last address ends, with its layer, that a text has before this place; 0 without one. */
function serverBefore(text: string, place: number): number {
  const at = text.slice(0, place).toLowerCase().lastIndexOf('server');
  if (at < 0) return 0;
  const end = at + 'server'.length;
  const layer = /^(?:\\?\/|%2f|%252f)\d{1,9}\b/i.exec(text.slice(end))?.[0] ?? '';
  return end + layer.length < place ? end + layer.length : end;
}

function moved(token: string, { plain, spell }: Spelling, { services }: IdMap): string | undefined {
  const address = plain(token);
  const service = services.get(serviceKey(address) ?? '');
  if (service === undefined) return undefined;
  const scheme = /^(?:https?:)?/i.exec(address)?.[0] ?? '';
  const spelled = spell(`${scheme}${service.url.replace(/^https?:/i, '')}${layerOf(address, service)}`);
  const isLower = /%(?:25)?2f/.test(token);
  return isLower ? spelled.replaceAll(/%(?:25)?[0-9A-F]{2}/g, (each) => each.toLowerCase()) : spelled;
}

function layerOf(address: string, { layers }: NewService): string {
  const number = /\/(\d+)$/.exec(address)?.[1];
  return number === undefined ? '' : `/${layers.get(Number(number)) ?? number}`;
}

/** Bytes with the names replaced where they are text; what is no UTF-8 is left as it is. */
export function rewriteBytes(bytes: Buffer, map: IdMap): Buffer {
  if (isEmptyMap(map)) return bytes;
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) return bytes;
  const changed = rewrite(text, map);
  return changed === text ? bytes : Buffer.from(changed);
}
