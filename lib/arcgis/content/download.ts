import type { Client } from '../connection/client.ts';
import type { Expected } from './file-answer.ts';
import { resuming, unpacked } from './file-body.ts';
import { wrongSize } from './file-size.ts';
import { openFile } from './open-file.ts';

/** A file of an item on its way. `size` in bytes, where the portal said it. */
export interface Download {
  body: AsyncIterable<Uint8Array>;
  size?: number;
  contentType?: string;
  fileName?: string;
}

/**
 * Opens a file of the portal. Undefined when the portal says that there is none; when it gives no byte, the size is 0. Errors
 * arrive with status 200 and any content type, so the first bytes are looked at before anything is handed on. A connection
 * that breaks later is resumed where it broke. Throws ITEM_GONE, PORTAL_ANSWER and others before the first byte,
 * ITEM_TRUNCATED and PORTAL_UNREACHABLE while the body is read, ITEM_DAMAGED when it has another size than it must have.
 * @param address of the portal or a server that may be told the token, encoded
 * @param what for messages, as the beginning of a sentence
 */
export async function download(
  client: Client,
  address: string,
  what: string,
  expected: Expected = {},
): Promise<Download | undefined> {
  const opened = await openFile(client, address, what, expected);
  if (opened === undefined) return undefined;
  const { response, head, rest, fileName } = opened;
  const size = head.length === 0 ? 0 : opened.size;
  const wrong = wrongSize(what, size, expected);
  if (wrong !== undefined) {
    await rest.return(undefined);
    throw wrong;
  }
  const isPlain = response.headers.get('content-encoding') === null;
  const contentType = response.headers.get('content-type');
  return {
    body: isPlain ? resuming(client, address, what, opened) : unpacked(what, opened),
    ...(Number.isSafeInteger(size) && { size }),
    ...(contentType !== null && { contentType }),
    ...(fileName !== undefined && { fileName }),
  };
}
