/** HTML that may stand in a page as it is. Made by `html` alone, so that nothing of a member ever gets in unescaped. */
export class Html {
  readonly #text: string;
  constructor(text: string, made: typeof key) {
    if (made !== key) throw new TypeError('HTML is made by the template');
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}
const key = Symbol('html');

/** What may stand in a template: texts are escaped, `null`, `undefined` and `false` are nothing. */
export type Piece = Html | string | number | null | undefined | false | readonly Piece[];

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * A template of HTML: what is put in is text, and cannot become a tag or leave a quoted attribute. Attributes are always quoted, and no
 * value stands in a script, a style or an event handler.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    strings.reduce((all, text, n) => all + textOf(pieces[n - 1]) + text),
    key,
  );
}

function textOf(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.toString();
  if (Array.isArray(piece)) return piece.map(textOf).join('');
  // Control signs are not allowed in HTML at all, and half a pair becomes no UTF-8.
  return String(piece)
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(/[&<>"']/g, (sign) => signs[sign] ?? '');
}
