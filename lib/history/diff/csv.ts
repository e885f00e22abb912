/** The records of a CSV file (RFC 4180) by the names of the first one, or undefined when it has no two lines of one form. */
export function csvRows(text: string): Record<string, string>[] | undefined {
  const [names, ...records] = recordsOf(text.replace(/^\ufeff/, ''));
  if (names === undefined || new Set(names).size < names.length) return undefined;
  if (records.some((record) => record.length !== names.length)) return undefined;
  return records.map((record) => Object.fromEntries(names.map((name, n) => [name, record[n] ?? ''])));
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  // A value, quoted or not, and what ends it.
  for (const found of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = '', end] = found;
    const isLast = end === '' && found.index + whole.length >= text.length;
    // Behind the last line end stands nothing.
    if (isLast && whole === '' && record.length === 0) break;
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') {
      records.push(record);
      record = [];
    }
    if (isLast) break;
  }
  return records;
}
