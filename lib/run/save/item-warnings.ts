import { jsonIn } from '../../backup/json.ts';
import type { Found } from '../../backup/found.ts';
import type { Manifest } from '../../backup/item.ts';
import { memberPath } from '../../backup/names/paths.ts';
import { warningsOf, type ContentWarning, type LayerFields } from '../../backup/warnings.ts';
import { isCode } from '../../errors.ts';
import type { Head } from '../../archive/repository.ts';
import type { Deps } from '../deps.ts';
import type { Taken } from './stage-part.ts';

/** What the new version of an item lost that the archive's has. What of that cannot be read warns of nothing; verify finds it. */
export async function itemWarnings(
  deps: Deps,
  { item, saved }: Found,
  manifest: Manifest,
  taken: readonly Taken[],
): Promise<ContentWarning[]> {
  if (saved === undefined) return [];
  const head = await deps.repository.head();
  if (head === undefined) return [];
  const read = async (path: string): Promise<unknown> => {
    const part = manifest.parts.find((each) => each.path === path);
    // What is the same lost nothing.
    if (part === undefined || saved.parts.some((each) => each.path === path && each.sha256 === part.sha256))
      return undefined;
    return readBefore(deps, head, `${memberPath(item.owner)}/${saved.path}/${path}`);
  };
  const record = await read('item.json');
  const definition = await read('layers.json');
  const now = taken.find(({ part }) => part.path === 'layers.json' && !part.lfs);
  return warningsOf(
    { manifest: saved, access: accessIn(record), fields: fieldsIn(definition) },
    { manifest, access: accessIn(item), fields: fieldsIn(now && jsonIn(now.bytes.toString())) },
    { rowsLost: deps.rules.warnRowsLost, at: head.commit },
  );
}

async function readBefore({ repository }: Deps, head: Head, path: string): Promise<unknown> {
  try {
    const oid = await repository.treeAt(head.tree, path);
    return oid && jsonIn((await repository.blob(oid)).toString());
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

function accessIn(record: unknown): string | undefined {
  const access = fieldsOf(record)?.['access'];
  return typeof access === 'string' ? access : undefined;
}

/** The fields of all layers and tables of a definition as layers.json has it; undefined where there is none. */
function fieldsIn(definition: unknown): LayerFields[] | undefined {
  const list = fieldsOf(fieldsOf(definition)?.['layers']);
  if (list === undefined) return undefined;
  return [list['layers'], list['tables']].flat().flatMap((layer) => {
    const { id, name, fields } = fieldsOf(layer) ?? {};
    if (typeof id !== 'number' || !Array.isArray(fields)) return [];
    const names = fields.flatMap((field) => {
      const own = fieldsOf(field)?.['name'];
      return typeof own === 'string' ? [own] : [];
    });
    return [{ id, name: typeof name === 'string' ? name : '', fields: names }];
  });
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
