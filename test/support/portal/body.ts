import type { IncomingMessage } from 'node:http';
import { contentOf, typeOf, type Content } from './content.ts';

/** What a form sent: fields, and files by the name of their field. */
export interface Form {
  fields: Map<string, string>;
  files: Map<string, SentFile>;
  /** bytes of the whole body; what came in chunks, without a length, counts against another limit */
  size: number;
  chunked: boolean;
  /** is it a body of no kind that a form may have, as a client sends who does not know its own files? */
  isForeign: boolean;
}

/** A file that was sent. */
export interface SentFile {
  name: string;
  content: Content;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The form of a request, url-encoded or multipart. */
export async function formOf(request: IncomingMessage): Promise<Form> {
  const bytes = await bytesOf(request);
  const type = request.headers['content-type'] ?? '';
  const isMultipart = /^multipart\/form-data/i.test(type);
  const form: Form = {
    fields: new Map(),
    files: new Map(),
    size: bytes.length,
    chunked: request.headers['transfer-encoding'] !== undefined,
    isForeign: bytes.length > 0 && type !== '' && !isMultipart && !/^application\/x-www-form-urlencoded/i.test(type),
  };
  if (!isMultipart) return { ...form, fields: new Map(new URLSearchParams(bytes.toString())) };
  const sent = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  for (const [name, value] of sent) {
    if (typeof value === 'string') form.fields.set(name, value);
    else form.files.set(name, { name: value.name, content: await contentIn(value) });
  }
  return form;
}

async function contentIn(file: File): Promise<Content> {
  return contentOf(Buffer.from(await file.arrayBuffer()), typeOf(file.name));
}
