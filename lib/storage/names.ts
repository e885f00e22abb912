/** Azure's limit, characters. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const longest = 1024;

/**
 * Returns a blob's name after checking it: parts between single slashes, none of them empty, `.` or `..`, no backslash, no
 * control character. Names are made by our own code, so a wrong one is a defect of ours: it throws a TypeError.
 */
export function checkName(name: string): string {
  if (!isName(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of a blob`);
  return name;
}

/** Returns the prefix of a listing after checking it as `checkName` does; its last part may be cut anywhere. */
export function checkPrefix(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkName(folder.slice(0, -1));
  return prefix;
}

/** Can this be the name of a blob? */
export function isName(name: string): boolean {
  const parts = name.split('/');
  // Half of a surrogate pair would become U+FFFD on a disk, and two names one file.
  const isText = Buffer.from(name).toString() === name;
  return isText && name.length <= longest && !/[\\\u0000-\u001f]/.test(name) && !parts.some(isEmpty);
}

/** The order of names in a listing: that of their UTF-8 bytes. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isEmpty(part: string): boolean {
  return part === '' || part === '.' || part === '..';
}
