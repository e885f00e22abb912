import { contentOf, type Content } from './content.ts';

/** An HTTP answer, before faults and before it goes over the wire. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Content;
  /** the JSON value behind the body; answered as an HTML page when the request forgot f=json */
  json?: unknown;
}

const jsonType = 'application/json;charset=UTF-8';

/** A JSON document. */
export function json(value: unknown): Answer {
  return { status: 200, headers: { 'Content-Type': jsonType }, body: contentOf(JSON.stringify(value)), json: value };
}

/** Details of an error as the portal words it. */
export interface ErrorBody {
  code: number;
  message: string;
  messageCode?: string | undefined;
  details?: string[] | string | null;
}

/** An error of the portal: HTTP 200 with an `error` object (arcgis-rest.md 1.1). `type`: sometimes it is text/plain. */
export function failure(error: ErrorBody, type = jsonType): Answer {
  const { code, message, messageCode, details = [] } = error;
  const value = { error: { code, ...(messageCode === undefined ? {} : { messageCode }), message, details } };
  return { status: 200, headers: { 'Content-Type': type }, body: contentOf(JSON.stringify(value)) };
}

/** The errors that several routes share. */
export const errors = {
  itemGone: () => failure({ code: 400, messageCode: 'CONT_0001', message: 'Item does not exist or is inaccessible.' }),
  userGone: () => failure({ code: 400, message: 'User does not exist or is inaccessible.' }),
  groupGone: () =>
    failure({ code: 400, messageCode: 'CONT_0006', message: 'Group does not exist or is inaccessible.' }),
  folderGone: () => failure({ code: 400, message: 'Folder does not exist or is inaccessible.' }),
  forbidden: () =>
    failure({
      code: 403,
      messageCode: 'GWM_0003',
      message: 'You do not have permissions to access this resource or perform this operation.',
    }),
  invalidToken: () => failure({ code: 498, message: 'Invalid token.' }),
  tokenRequired: () =>
    failure({ code: 499, messageCode: 'GWM_0003', message: 'Token Required', details: ['Token Required'] }),
  noInfo: () =>
    failure({
      code: 400,
      messageCode: 'CONT_0036',
      message: 'Item info file does not exist or is inaccessible.',
      details: ['Error getting Item Info from DataStore'],
    }),
  noFile: () => failure({ code: 500, message: 'Item does not have a file.' }),
  noSection: () => failure({ code: 500, messageCode: 'CONT_0004', message: 'Item does not exist or is inaccessible.' }),
};

/** An HTML page, as a gateway or a sign-in wall gives it. */
export function page(status: number, text: string): Answer {
  const body = `<!DOCTYPE html>\n<html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`;
  return { status, headers: { 'Content-Type': 'text/html;charset=UTF-8' }, body: contentOf(body) };
}

/** The bytes of a file; `name` becomes its Content-Disposition. */
export function file(content: Content, name?: string | null): Answer {
  const headers: Record<string, string> = { 'Content-Type': content.type };
  if (name !== undefined && name !== null && name !== '') headers['Content-Disposition'] = disposition(name);
  return { status: 200, headers, body: content };
}

function disposition(name: string): string {
  const plain = name.replace(/[^ -~]/g, '_').replace(/["\\]/g, '_');
  const exact = plain === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name)}`;
  return `attachment; filename="${plain}"${exact}`;
}

/** The first half of an answer, under a length of its own. */
export function halved({ status, headers, body }: Answer): Answer {
  return { status, headers, body: contentOf(body.bytes().subarray(0, Math.floor(body.size / 2)), body.type) };
}

/** A redirect. */
export function redirect(location: string): Answer {
  return { status: 302, headers: { Location: location }, body: contentOf('') };
}
