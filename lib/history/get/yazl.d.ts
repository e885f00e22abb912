/** yazl has no types of its own; this is what we use of it. https://github.com/thejoshwolfe/yazl#api */
declare module 'yazl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  interface Options {
    mtime?: Date;
    compress?: boolean;
    forceDosTimestamp?: boolean;
    forceZip64Format?: boolean;
  }

  /** A zip that is written as it streams; emits `error`. */
  export class ZipFile extends EventEmitter {
    readonly outputStream: Readable;
    addReadStream(body: Readable, path: string, options: Options & { size?: number }): void;
    addBuffer(bytes: Buffer, path: string, options: Options & { compressionLevel?: number }): void;
    addEmptyDirectory(path: string, options: Pick<Options, 'mtime'>): void;
    end(): void;
  }
}
