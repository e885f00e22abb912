/** A file of a POST that is read while it is sent: whole in memory, and copied for every layer below, it would be held several times. */
export interface SentFile {
  name: string;
  /** bytes */
  size: number;
  /** a text of 64 characters at most that its bytes do not hold, such as the hash of the file that they are of */
  seal: string;
  /** its bytes, asked for each time that it is sent; what this throws ends the request, and is thrown by it */
  read(): AsyncIterable<Uint8Array>;
}

/** The body of a POST with files, what its header says, and what broke off the reading of it. */
export interface Multipart {
  body: FormData | ReadableStream<Uint8Array>;
  headers: Record<string, string>;
  failure(): Error | undefined;
}

/**
 * A form with files. Of files in memory Node's own FormData: its fetch takes any other for a text (restore.md 0). Either way the whole has
 * a Content-Length, which the portal wants of what is large (restore.md 1.3). https://www.rfc-editor.org/rfc/rfc7578
 */
export function multipart(params: URLSearchParams, files: Readonly<Record<string, File | SentFile>>): Multipart {
  const form = new FormData();
  for (const [name, value] of params) form.append(name, value);
  for (const [name, file] of Object.entries(files)) {
    if (!(file instanceof File)) return streamed(params, name, file);
    form.append(name, file, file.name);
  }
  return { body: form, headers: {}, failure: () => undefined };
}

/** The same around one file that is read meanwhile. */
function streamed(params: URLSearchParams, name: string, file: SentFile): Multipart {
  const boundary = `ago-backup-${file.seal}`;
  const field = (key: string, more = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(key)}"${more}\r\n`;
  const texts = [...params].map(([key, value]) => `${field(key)}\r\n${value}\r\n`).join('');
  const type = 'content-type: application/octet-stream';
  const head = Buffer.from(`${texts}${field(name, `; filename="${quoted(file.name)}"`)}${type}\r\n\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  let failed: Error | undefined;
  async function* all() {
    yield head;
    try {
      yield* file.read();
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
    yield tail;
  }
  return {
    body: asStream(all()),
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + file.size + tail.length),
    },
    failure: () => failed,
  };
}

/** No piece is asked for before the one before has gone: ReadableStream.from would copy each. */
function asStream(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        const next = await pieces.next();
        if (next.done === true) to.close();
        else to.enqueue(next.value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** As a browser writes names: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function quoted(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
