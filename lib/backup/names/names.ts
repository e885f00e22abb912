// Windows refuses these, with any extension, also behind spaces: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;
// `GIT~1` is how Windows names `.git` in short form (git's core.protectNTFS). Others too: what is written to ROADSI~1.ZIP
// goes into the file whose short name that is.
const shortName = /^[^.]{0,6}~\d{1,6}(?:\.[^.]{0,3})?$/;
// Code points that HFS+ ignores, so that `.g\u200cit` would become `.git` there (git's core.protectHFS).
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
const forbidden = /[/\\:*?"<>|$\p{Cc}\p{Cs}\p{NChar}\u2028\u2029]/gu;
// Half a surrogate pair (\p{Cs}) cannot be written as UTF-8; macOS refuses noncharacters (\p{NChar}).

/** Longest name we write: Linux allows 255 bytes; Windows 260 characters for the whole path. */
const mostCharacters = 100;
const mostBytes = 200;

/** The names that ago-backup writes itself into an item's folder. */
const ownNames = new Set(
  ['timestamp.txt', 'backup.json', 'item.json', 'metadata.xml', 'layers.json', 'related.json', 'sharing.json'].concat([
    '.gitattributes',
    'resources',
    'info',
    'features',
  ]),
);

/**
 * A portal text as one name of a path that checks out on Windows, macOS and Linux. Never empty, never `.` or `..`,
 * and the same for the same text. Two texts may give one name: see `collisionKey`.
 */
export function safeName(text: string | null | undefined): string {
  // Composed last: what is taken out may have kept an accent from its letter.
  const plain = (text ?? '').replace(forbidden, '-').replace(ignoredByHfs, '').normalize('NFC');
  // Cut before the end is trimmed: to look for the end of ten million spaces takes hours.
  const name = trimEnds(cut(trimStart(plain))) || 'Missing';
  // Cut again, so that a safe name is its own safe name.
  const marked = deviceName.test(name) ? trimEnds(cut(mark(name))) : name;
  return shortName.test(marked) ? mark(marked) : marked;
}

/** As `safeName`, for a file of an item: keeps the extension when it cuts, and never takes one of our own names. */
export function safeFileName(text: string | null | undefined): string {
  const name = safeName(text === null || text === undefined ? text : cutKeepingExtension(text.normalize('NFC')));
  const key = collisionKey(name);
  const isOurs = ownNames.has(key) || key.startsWith('thumbnail.');
  return isOurs ? safeName(cutKeepingExtension(mark(name))) : name;
}

/** Names with one key may be one file on Windows, macOS or a case-folding Linux (case, Unicode form, invisible letters). */
export function collisionKey(name: string): string {
  const plain = name.normalize('NFKC').replace(/\p{DI}/gu, '');
  // There and back again folds ẞ to ß to ss, and ſ to s, as those file systems may do.
  return plain.toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/**
 * The name for a newcomer whose first choice is taken: ` (<first 8 of id>)`, then ` (<id>)`, then that with a number, for
 * titles may look like the names we make.
 * @param isTaken answers false for some name in the end
 */
export function nameWithId(name: string, id: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  const short = `${cut(name, 12)} (${id.slice(0, 8)})`;
  if (!isTaken(short)) return short;
  let free = `${cut(name, 50)} (${id})`;
  for (let n = 2; isTaken(free); n++) free = `${cut(name, 50)} (${id} ${n})`;
  return free;
}

// Windows drops dots and spaces at the end of a name; at the start they would hide it, or make it `.git`.
function trimEnds(text: string): string {
  return trimStart(text).replace(/[\s.]+$/u, '');
}

function trimStart(text: string): string {
  return text.replace(/^[\s.]+/u, '');
}

function mark(name: string): string {
  const dot = name.indexOf('.', 1);
  return dot < 0 ? `${name}_` : `${name.slice(0, dot)}_${name.slice(dot)}`;
}

function cut(name: string, less = 0): string {
  let kept = '';
  let bytes = 0;
  let characters = 0;
  // By code point: half a surrogate pair is no valid name.
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    characters += character.length;
    if (bytes > mostBytes - less || characters > mostCharacters - less) break;
    kept += character;
  }
  return kept;
}

function cutKeepingExtension(name: string): string {
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  if (extension === '') return name;
  return cut(name.slice(0, -extension.length), extension.length) + extension;
}
