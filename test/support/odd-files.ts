import { oddGeodatabases, oddZips } from './odd-zips.ts';

/** A file that is complete and odd, as a member uploaded it. */
export interface OddFile {
  what: string;
  type: string;
  /** as the record has it; null: its data is no file */
  name: string | null;
  bytes: Buffer;
  /** is it told in a note? */
  isOdd: boolean;
  /** it looks like an error: only a size that the portal tells makes it a file */
  isSuspect: boolean;
}

function file(what: string, type: string, name: string | null, bytes: Buffer | string): OddFile {
  const isSuspect = what.includes('?');
  const isOdd = what.startsWith('!');
  return { what: what.replace(/[!?] ?/g, ''), type, name, bytes: Buffer.from(bytes as string), isOdd, isSuspect };
}

const wide = (text: string) => Buffer.from(text, 'utf16le');
const error = JSON.stringify({ error: { code: 500, message: 'Error getting file', details: [] } });
const page = '<!DOCTYPE html><html><head><title>Ours</title></head><body>ours</body></html>';
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';
const map = JSON.stringify({ version: '2.31', operationalLayers: [{ id: 'a', title: 'Wege' }] });
const hex = (text: string) => Buffer.from(text, 'hex');

/** Of maps: what programs write into the data of an item that should be JSON. */
const maps = Object.entries({
  'with a byte order mark': `\ufeff${map}`,
  'with a line end and spaces': `\n\n ${map} \n`,
  '! with NaN': '{"extent": [NaN, Infinity, -Infinity, 1], "a": "b"}',
  '! with comments': '{"a": 1, // "one"\n "b": [2] /* two */ }',
  '! with a comma too many': '{"a": [1, 2, ], }',
  '! with names without quotes': '{a: 1, b: [2, {c: "x"}]}',
  '! in two documents': '{"a": 1, "b": {"c": 2}}\n{"d": 3}\n',
  '! in UTF-16': Buffer.concat([hex('fffe'), wide(map)]),
  '! in UTF-16, the other way round': Buffer.concat([hex('fffe'), wide(map)]).swap16(),
  '! in UTF-16 without a mark': wide(map),
  'in Latin-1': Buffer.from('{"title": "Stra\xdfen"}', 'latin1'),
  'with a key twice': '{"a": 1, "a": 2}',
  'with nothing in it': '{}',
  'of an empty list': '[]',
  '! of one word': '"text"',
  '! of null': 'null',
  '! of a number': '12345.678',
  '! of spaces': ' \r\n\t ',
  '! that breaks off': map.slice(0, -9),
  '! of plain words': 'see the other map, please',
  '! of XML': `<?xml version="1.0"?><map><title>Wege</title></map>`,
  '! of bytes': hex('000102030405060708090a'),
  '! ? of the word error': 'error',
  '! ? of a page': page,
  '? of an error of the portal': error,
  '? of an error of a server': '{"status":"error","messages":["Failed."],"code":500}',
  'of an error of its own': '{"error":{"code":404,"message":"our page"},"version":1}',
  'with a code and a message': '{"code":404,"message":"our page","pages":[]}',
  'a hundred folders deep': `${'['.repeat(100)}${']'.repeat(100)}`,
});

const files: [what: string, type: string, name: string, bytes: Buffer | string][] = [
  ['! SVG as picture', 'Image', 'a.png', svg],
  ['! text as picture', 'Image', 'a.jpg', 'no picture'],
  ['! program as picture', 'Image', 'a.gif', hex('4d5a900003000000')],
  ['JPEG called PNG', 'Image', 'b.png', hex('ffd8ffe000104a464946')],
  ['raw JPEG 2000', 'Image', 'c.jp2', hex('ff4fff5100290000')],
  ['boxed JPEG 2000', 'Image', 'd.jp2', hex('0000000c6a5020200d0a870a')],
  ['BigTIFF of the other byte order', 'Image', 'e.tif', hex('4d4d002b00080000')],
  ['picture of a phone', 'Image', 'f.heic', hex('000000186674797068656963')],
  ['PDF behind an old header', 'PDF', 'a.pdf', `${' '.repeat(500)}%PDF-1.4\n%%EOF`],
  ['PDF that breaks off', 'PDF', 'b.pdf', '%PDF-1.4\n1 0 obj'],
  ['! PDF without a header', 'PDF', 'c.pdf', '1 0 obj << /Type /Catalog >> endobj'],
  ['! page as PDF', 'PDF', 'd.pdf', page],
  ['CSV of one byte', 'CSV', 'a.csv', 'x'],
  ['CSV in UTF-16', 'CSV', 'b.csv', Buffer.concat([hex('fffe'), wide('id\n1\n')])],
  ['CSV with zeros', 'CSV', 'c.csv', 'id\0\n1\0\n'],
  ['CSV of the word error', 'CSV', 'd.csv', 'error'],
  ['CSV that is a sentence', 'CSV', 'e.csv', 'Internal error. Try again later.'],
  ['? CSV that is an error document', 'CSV', 'f.csv', error],
  [
    'text of a pointer to a large file',
    'CSV',
    'g.csv',
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`,
  ],
  ['page called .html', 'Document Link 2', 'a.html', page],
  ['table of HTML called .xls', 'Microsoft Excel', 'a.xls', page],
  ['old workbook called .xlsx', 'Microsoft Excel', 'b.xlsx', hex('d0cf11e0a1b11ae100000000')],
  ['document called .docx that is text', 'Microsoft Word', 'a.docx', 'a letter'],
  ['KML that is no XML', 'KML', 'a.kml', 'nothing'],
  ['KMZ that is KML', 'KML', 'b.kmz', '<kml/>'],
  ['! GeoJSON with NaN', 'GeoJson', 'a.geojson', '{"type":"Point","coordinates":[NaN,1]}'],
  ['! GeoJSON that breaks off', 'GeoJson', 'b.geojson', '{"type":"Feature'],
  ['! notebook of words', 'Notebook', 'a.ipynb', 'print(1)'],
  ['package of ArcGIS 10 that is 7z', 'Map Package', 'a.mpk', hex('377abcaf271c0004')],
  ['file of one zero', 'Code Sample', 'a.bin', hex('00')],
  ['file of a type that nobody knows', 'Thing of 2031', 'a.thing', 'what?'],
];

/** More than 64 of them: maps, zips, geodatabases, and others. */
export const oddFiles: readonly OddFile[] = [
  ...maps.map(([what, bytes]) => file(what.replace(/^(! )?(\? )?/, '$1$2map '), 'Web Map', null, bytes)),
  ...Object.entries(oddZips).map(([what, bytes], n) => file(what, 'Shapefile', `${n}.zip`, bytes)),
  ...Object.entries(oddGeodatabases).map(([what, bytes], n) => file(what, 'File Geodatabase', `${n}.gdb.zip`, bytes)),
  ...files.map(([what, type, name, bytes]) => file(what, type, name, bytes)),
];
