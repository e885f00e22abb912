import type { Portal } from '../../arcgis/portal.ts';
import type { Found } from '../../backup/found.ts';
import { oneLine } from '../../backup/words.ts';
import { typeInfo } from '../../backup/types.ts';
import type { Deps } from '../deps.ts';
import { fetchDefinition, fetchRelations } from './descriptions.ts';
import { fetchExport } from './export/take-export.ts';
import type { Fetcher, Fetching } from './fetcher.ts';
import { ItemParts } from './item-parts.ts';
import { fetchData } from './main-parts.ts';
import { fetchInfoFiles, fetchMetadata, fetchResources, fetchSharing, fetchThumbnail } from './sidecars.ts';
import { withRoom } from './stage-part.ts';
import { fetchRows } from './take-features.ts';
import type { Unfinished } from './unfinished.ts';

/**
 * One for each kind of part, always in this order: so the same item always finds the same room in memory, and gets the same
 * Git LFS objects. An export comes last, since its name must be free.
 */
const fetchers: readonly Fetcher[] = [
  fetchThumbnail,
  fetchInfoFiles,
  fetchSharing,
  fetchRelations,
  fetchDefinition,
  fetchResources,
  fetchMetadata,
  fetchData,
  fetchRows,
  fetchExport,
];

/** Fetches all parts of an item, and what is to be noted of them. Throws what costs the item, and OutOfTime. */
export async function fetchParts(
  deps: Deps,
  portal: Portal,
  found: Found,
  { runId, exported, instead }: Pick<Fetching, 'runId' | 'exported' | 'instead'>,
  unfinished: Unfinished,
): Promise<ItemParts> {
  const roomy = withRoom(deps, portal.redactor, found.saved?.parts);
  const into = new ItemParts(roomy, portal, found, unfinished);
  for (const { code, text } of found.notes ?? []) into.note(code, text);
  const { type } = found.item;
  if (!typeInfo(type).known)
    into.note(
      'TYPE_UNKNOWN',
      `The type ${oneLine(type)} is not in the table of types; everything it offers was saved.`,
    );
  for (const fetch of fetchers) await fetch({ deps: roomy, portal, found, runId, into, exported, instead });
  return into;
}
