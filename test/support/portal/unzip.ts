import { fromBuffer } from 'yauzl';

/** The files of a zip whose names are wanted. Throws what the reader throws of a zip that is none. */
export function readZip(zip: Buffer, wants: (name: string) => boolean = () => true): Promise<[string, Buffer][]> {
  return new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => {
      if (error) return reject(error);
      const files: [string, Buffer][] = [];
      opened.on('error', reject).on('end', () => resolve(files));
      opened.on('entry', (entry: { fileName: string }) => {
        if (entry.fileName.endsWith('/') || !wants(entry.fileName)) return opened.readEntry();
        opened.openReadStream(entry as never, (failed, stream) => {
          if (failed) return reject(failed);
          const pieces: Buffer[] = [];
          stream.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
          stream.on('end', () => (files.push([entry.fileName, Buffer.concat(pieces)]), opened.readEntry()));
        });
      });
      opened.readEntry();
    });
  });
}
