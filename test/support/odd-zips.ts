import { largeZip, withEntry, zipOf } from './portal/zip.ts';

const text = Buffer.from('id,name\n1,a\n');
const plain = zipOf([
  ['a.csv', text],
  ['b/c.csv', Buffer.from('id,name\n2,b\n')],
]);

/** The same zip, with something changed in each header of an entry: its local one, and that of the directory. */
function marked(zip: Buffer, at: { local: number; central: number }, value: number): Buffer {
  const spoiled = Buffer.from(zip);
  for (const [signature, offset] of [
    ['PK\x03\x04', at.local],
    ['PK\x01\x02', at.central],
  ] as const) {
    for (
      let found = zip.indexOf(signature, 0, 'latin1');
      found >= 0;
      found = zip.indexOf(signature, found + 4, 'latin1')
    )
      spoiled.writeUInt16LE(value, found + offset);
  }
  return spoiled;
}

/** With the records of zip64 before its end (APPNOTE 4.3.14, 4.3.15). */
function zip64(zip: Buffer): Buffer {
  const end = Buffer.from(zip.subarray(-22));
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeUInt32LE(44, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const at of [24, 32]) record.writeUInt32LE(end.readUInt16LE(10), at);
  record.writeUInt32LE(end.readUInt32LE(12), 40);
  record.writeUInt32LE(end.readUInt32LE(16), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeUInt32LE(zip.length - 22, 8);
  locator.writeUInt32LE(1, 16);
  for (const at of [8, 10]) end.writeUInt16LE(0xffff, at);
  for (const at of [12, 16]) end.writeUInt32LE(0xffffffff, at);
  return Buffer.concat([zip.subarray(0, -22), record, locator, end]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const spoiled = Buffer.from(bytes);
  spoiled[at] = (spoiled[at] ?? 0) ^ 8;
  return spoiled;
}

function commented(zip: Buffer): Buffer {
  const comment = Buffer.from('made by hand');
  const all = Buffer.concat([zip, comment]);
  all.writeUInt16LE(comment.length, zip.length - 2);
  return all;
}

/** Made by `zip -0 -X -P secret` of Info-ZIP. */
const encrypted = Buffer.from(
  '504b03040a00090000000000a158d454b9ee180000000c00000005000000612e637376461f720d6e2a99d5ead38acda91144' +
    '889bc0df8c8c0f4bc1504b0708d454b9ee180000000c000000504b01021e030a00090000000000a158d454b9ee180000000c' +
    '000000050000000000000000000000a48100000000612e637376504b05060000000001000100330000004b0000000000',
  'hex',
);

const table = Buffer.from('\x03\0\0\0\x01\0\0\0', 'latin1');

/** Zips of every make, and what is called one: with a `!` those that only some programs open. */
export const oddZips: Readonly<Record<string, Buffer>> = {
  'zip with zip64': zip64(plain),
  'zip with data descriptors': largeZip(500).bytes(),
  'zip with a comment': commented(plain),
  'zip with encrypted entries': encrypted,
  'zip that is packed in a way of its own': marked(plain, { local: 8, central: 10 }, 14),
  'zip with backslashes': zipOf([['b\\c.csv', text]]),
  'zip with a name that is no UTF-8': zipOf([[Buffer.from([0xfc, 0x6c]).toString('latin1'), text]]),
  'zip with an entry twice': withEntry(plain, 'a.csv', text),
  'zip with a way out': zipOf([['../../etc/passwd', text]]),
  'zip of folders': zipOf([['a/', Buffer.alloc(0)]]),
  'zip in a zip': zipOf([['inner.zip', plain]]),
  '! zip behind a program': Buffer.concat([Buffer.from('MZ a program '), plain]),
  '! zip before a line': Buffer.concat([plain, Buffer.from('\r\n')]),
  '! zip without entries': zipOf([]),
  '! zip without its end': plain.subarray(0, -22),
  '! zip of which half came': plain.subarray(0, plain.length / 2),
  '! zip with a flipped bit': flipped(plain, 37),
  '! zip of several disks': marked(plain, { local: 40, central: 34 }, 3).fill(3, plain.length - 18, plain.length - 17),
  '! 7z': Buffer.from('377abcaf271c0004a1b2c3d4e5f60718', 'hex'),
  '! rar': Buffer.from('526172211a0701003392b5e50a0105', 'hex'),
  '! gzip': Buffer.from('1f8b08000000000000034bcb0700a865327603000000', 'hex'),
};

/** Zipped geodatabases, to be uploaded as .zip. */
export const oddGeodatabases: Readonly<Record<string, Buffer>> = {
  'geodatabase in no folder': zipOf([
    ['a00000001.gdbtable', table],
    ['gdb', text],
  ]),
  'geodatabase with backslashes': zipOf([['x.gdb\\a00000001.gdbtable', table]]),
  'geodatabase two folders deep': zipOf([['a/b/x.gdb/a00000001.gdbtable', table]]),
  '! geodatabase without tables': zipOf([['x.gdb/gdb', text]]),
  '! geodatabase that is a shapefile': zipOf([['x.shp', text]]),
};
