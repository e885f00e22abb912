import { jsonIn } from '../../backup/json.ts';
import { errorInDocument, errorInText, type Said } from '../connection/portal-error.ts';

/** What is known of a file before it comes. */
export interface Expected {
  /** bytes, as a record or a list has them */
  size?: number | undefined;
  /** must it have that size? Else a file of that size is the file, and one of another may be */
  isHeld?: boolean;
  /** under which name it was uploaded: what is called .csv is neither JSON nor a web page */
  name?: string | undefined;
  /** is it JSON, and so neither a web page nor a sentence? */
  isJson?: boolean;
}

/** What an answer begins with. */
export interface Beginning {
  /** its first bytes as text, at least 512 of longer ones */
  text: string;
  /** is that all of it? */
  isWhole: boolean;
  /** its Content-Type */
  type: string | null;
  /** the name in its Content-Disposition, which files have and error pages do not (arcgis-rest.md 5.1) */
  fileName: string | undefined;
}

/**
 * What came in place of a file whose length is not the expected one, or unknown: the portal's error, a web page, or a sentence about
 * an error; undefined when it may be the file. Two readings of an error agree as well as two of a file, so only what it looks like
 * tells them apart.
 */
export function insteadOf(answer: Beginning, expected: Expected): Said | 'page' | 'words' | undefined {
  const error = answer.isWhole && isJsonObject(answer.text) ? errorOf(answer.text, expected) : undefined;
  if (error !== undefined) return error;
  if (isPage(answer, expected)) return 'page';
  return isSentence(answer, expected) ? 'words' : undefined;
}

/** Does it begin like a JSON object, also behind spaces and a byte order mark? */
export function isJsonObject(text: string): boolean {
  return /^\ufeff?\s*\{/.test(text);
}

const neverText = /\.(csv|tsv|xml|pdf|zip|kmz|kml|gml|png|jpe?g|gif|tiff?|bmp|webp|docx?|xlsx?|pptx?|sd|[a-z]pkx?)$/i;
const binary = /\.(pdf|zip|kmz|png|jpe?g|gif|tiff?|bmp|webp|docx?|xlsx?|pptx?|sd|[a-z]pkx?)$/i;

/** Is a JSON document or a web page certainly not the file? */
function isOtherwise({ size, isHeld, name }: Expected): boolean {
  return (isHeld === true && size !== undefined) || neverText.test(name ?? '');
}

/** What portals, servers and gateways put into an error document. */
const errorKeys = new Set(
  'error error_description status success code message messages messageCode details timestamp requestId traceId trace path'.split(
    ' ',
  ),
);

// Of what has another length than is listed any of the shapes of an error is one; else a file may have a key `error` of its own.
function errorOf(text: string, expected: Expected): Said | undefined {
  if (isOtherwise(expected) || expected.size !== undefined) return errorInText(text);
  return errorInDocument(text) ?? (hasOnlyErrorKeys(text) ? errorInText(text) : undefined);
}

function hasOnlyErrorKeys(text: string): boolean {
  const value = jsonIn(text.replace(/^\ufeff/, ''));
  if (value === undefined) return false;
  return Object.entries(value as Record<string, unknown>).every(
    ([key, each]) => errorKeys.has(key) && (key !== 'error' || typeof each !== 'object'),
  );
}

/** A page of a sign-in wall or a gateway; files of members have a name. */
function isPage({ text, type, fileName }: Beginning, expected: Expected): boolean {
  if (!beginsAsPage.test(text.slice(0, 512))) return false;
  if (expected.isHeld === true && expected.size !== undefined) return true;
  if (expected.isJson === true) return true;
  // Programs save tables as HTML and call them .xls: then the portal gives them the name and the type of a workbook.
  if (neverText.test(expected.name ?? '')) return fileName === undefined || type === null || /^text\/|json/i.test(type);
  return fileName === undefined && type?.includes('text/html') === true;
}

const beginsAsPage =
  /^\ufeff?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->)[^]){0,400}-->\s*)?<(?:!doctype html|html)\b/i;

/** A few words about an error, without a name, in place of what can be no words. */
function isSentence({ text, isWhole, fileName }: Beginning, { isJson, name }: Expected): boolean {
  if (!isWhole || fileName !== undefined || text.length > 2000 || /^\ufeff?\s*[{["]/.test(text)) return false;
  return (isJson === true || binary.test(name ?? '')) && aboutErrors.test(text) && !/[\0\ufffd]/.test(text);
}

const aboutErrors =
  /\b(errors?|exception|fail(ed|ure)|unavailable|denied|forbidden|unauthorized|not found|timed? ?out|try again|too many)\b/i;
