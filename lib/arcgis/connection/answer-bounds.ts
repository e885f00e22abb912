/** How much JSON one answer of the portal may hold. A hostile one must cost neither the stack nor the memory of a worker. */

/** Levels. Symbols of a layer are nested two dozen deep; code that walks values by recursion takes some thousands. */
const deepest = 100;
/** Arrays, objects and keys; the shapes of 500 rows have some hundred thousand. Each takes up to 200 bytes, in 3 of text. */
const mostParts = 2_000_000;
/** Characters when it is written with a line and its indentation for each value, as in the archive. */
const mostWritten = 128 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const isOpening = (code: number) => code === 0x5b || code === 0x7b;
const isClosing = (code: number) => code === 0x5d || code === 0x7d;

/** What is too much in a JSON text, as the end of a sentence; undefined when it may be parsed. */
export function boundBroken(text: string): string | undefined {
  let depth = 0;
  let parts = 0;
  let written = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    if (isClosing(code)) depth -= 1;
    else if (isOpening(code)) depth += 1;
    else if (code !== comma && code !== colon) continue;
    if (isOpening(code) || code === colon) parts += 1;
    // A line for each value, and one for the end of each array or object.
    if (code !== colon) written += 1 + 2 * depth;
    if (depth > deepest) return `is nested more than ${deepest} levels deep`;
    if (parts > mostParts) return `has more than ${mostParts} parts`;
    if (written > mostWritten) return `would take more than ${mostWritten} characters`;
  }
  return undefined;
}

/** The place of the quote that ends the string which begins at `start`; the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
