import { fileTypes } from './types/files.ts';
import { relationsOf, type RelationOf } from './types/relations.ts';
import type { TypeGroup, TypeRow } from './types/row.ts';
import { webTypes } from './types/web.ts';

export type { RelationOf };

/**
 * What a backup holds of each ArcGIS item type, and why. The types are those of
 * https://developers.arcgis.com/rest/users-groups-and-items/items-and-item-types/, with what ArcGIS Online itself accepts and
 * whether it keeps a file, a text or an address for it (the list of November 2024 in Esri/hub.js, packages/common/src/types.ts and
 * the predicate builder of hub-components), and with the older ones that Esri/solution.js and ItemTypeEnum of Esri's Python API name.
 */
export const typeGroups: readonly TypeGroup[] = [...webTypes, ...fileTypes];

/** What is known of a type. */
export interface TypeInfo extends Omit<TypeRow, 'types'> {
  /** false: not in the table; saved with everything it offers, and reported */
  known: boolean;
  /** what a rebuild needs to know of other items, in the order in which it is asked for */
  relations: readonly RelationOf[];
}

const unknown: Omit<TypeRow, 'types'> = {
  coverage: 'all',
  content: 'file',
  why: 'Not in the table; everything it offers is saved.',
};

// The documentation and the portal do not agree on the case of some types (Earth configuration, GeoJson).
const rowOf = new Map(
  typeGroups.flatMap(({ rows }) => rows.flatMap((row) => row.types.map((type) => [type.toLowerCase(), row] as const))),
);

/** What is known of a type, whatever its case. An unknown one is saved with everything it offers. */
export function typeInfo(type: string): TypeInfo {
  const row = rowOf.get(type.toLowerCase());
  const { coverage, content, why } = row ?? unknown;
  return { known: row !== undefined, coverage, content, why, relations: relationsOf(type) };
}
