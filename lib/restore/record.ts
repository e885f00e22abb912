import { canonicalJson } from '../backup/json.ts';
import type { Form } from '../arcgis/writing/writing.ts';
import { noMap, type IdMap } from './references/id-map.ts';
import { rewrite } from './references/rewrite.ts';

/** A record of an item, as the portal gives it. */
export type Fields = Readonly<Record<string, unknown>>;

/** Fields that a person or a program writes (restore.md 1.2); all others are the portal's own, or have a call of their own. */
export const written = [
  'title',
  'description',
  'snippet',
  'tags',
  'typeKeywords',
  'url',
  'extent',
  'spatialReference',
  'accessInformation',
  'licenseInfo',
  'culture',
  'properties',
  'categories',
] as const;

type Written = (typeof written)[number];

/** Fields in which a restored item names others, or itself. */
const naming: readonly Written[] = [
  'url',
  'properties',
  'typeKeywords',
  'description',
  'snippet',
  'accessInformation',
  'licenseInfo',
];

/** Keywords that a restore itself puts on what it makes. */
const isMark = (keyword: unknown) =>
  typeof keyword === 'string' && /^(?:restore|source)-[0-9a-f]{16,32}$/.test(keyword);

/** Keywords that say what the portal has of the item, and that it sets itself. */
const ofPortal = new Set(['Metadata']);

/** The same of a hosted service, beside what it shows itself: a view, a table. */
const ofServices = new Set([
  ...['ArcGIS Server', 'Data', 'Feature Access', 'Feature Service', 'Service', 'Hosted Service', 'View Service'],
  ...['Multilayer', 'Singlelayer', 'Table', 'Service Proxy'],
]);

/** What a field of the version is to be in the portal, as the form has it; '' = nothing. */
export function formValue(record: Fields, field: Written, map: IdMap, isHosted = false): string {
  // The address of a hosted service is the portal's own (restore.md 1.2).
  if (field === 'url' && isHosted) return '';
  const value = record[field];
  const isOurs = (each: unknown) => !isHosted || !ofServices.has(String(each));
  const isKeywords = field === 'typeKeywords' && Array.isArray(value);
  const text = textOf(isKeywords ? value.filter(isOurs) : value, field);
  return naming.includes(field) ? rewrite(text, map) : text;
}

function textOf(value: unknown, field: Written): string {
  if (value === null || value === undefined) return '';
  if (field === 'typeKeywords' && Array.isArray(value))
    return value.filter((each) => !isMark(each) && !ofPortal.has(String(each))).join(',');
  if (field === 'extent' && Array.isArray(value)) return value.flat().join(',');
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',');
  return typeof value === 'string' ? value : canonicalJson(value).trim();
}

/** The fields in which a living record differs from the version. */
export function differing(live: Fields, version: Fields, map: IdMap, isHosted = false): Written[] {
  return written.filter((field) => {
    const [now, then] = [formValue(live, field, noMap, isHosted), formValue(version, field, map, isHosted)];
    return sorted(field, now) !== sorted(field, then);
  });
}

/** Lists of the portal come in any order. */
function sorted(field: Written, text: string): string {
  const isList = field === 'tags' || field === 'typeKeywords' || field === 'categories';
  return isList ? text.split(',').sort().join(',') : text;
}

/** The form that makes these fields of a living record what the version says. @param kept keywords that stay on it */
export function formOf(
  version: Fields,
  fields: readonly Written[],
  map: IdMap,
  { kept = [], isHosted = false }: { kept?: readonly string[]; isHosted?: boolean } = {},
): Form {
  return Object.fromEntries(
    fields.map((field) => {
      const value = formValue(version, field, map, isHosted);
      return [field, field === 'typeKeywords' ? [value, ...kept].filter(Boolean).join(',') : value];
    }),
  );
}

/** Keywords of a living record that a restore leaves as they are: marks of restores, and what the portal says by them itself. */
export function keptKeywords({ typeKeywords }: Fields, isHosted = false): string[] {
  const all = Array.isArray(typeKeywords) ? typeKeywords.filter((each) => typeof each === 'string') : [];
  return all.filter((each) => isMark(each) || ofPortal.has(each) || (isHosted && ofServices.has(each)));
}
