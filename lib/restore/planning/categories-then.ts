import type { Portal } from '../../arcgis/portal.ts';
import type { Item } from '../../backup/item.ts';
import type { Version } from '../version.ts';
import type { Planning } from './planning.ts';

interface Node {
  title?: unknown;
  categories?: unknown;
}

/** All paths of the organization's schema of categories; undefined where the portal knows no such thing. */
export async function categoryPaths(portal: Portal): Promise<ReadonlySet<string> | undefined> {
  const schema = await portal.categories();
  if (schema === undefined) return undefined;
  const paths = new Set<string>();
  const walk = (nodes: unknown, above: string) => {
    for (const { title, categories } of Array.isArray(nodes) ? (nodes as Node[]) : []) {
      if (typeof title !== 'string') continue;
      paths.add(`${above}/${title}`);
      walk(categories, `${above}/${title}`);
    }
  };
  walk(schema, '');
  return paths;
}

/**
 * The categories that go back: a portal takes no others than its schema has, and drops those without a word (restore.md 4). Null where
 * all of them go.
 */
export async function categoriesThen(
  { categories, warnings }: Pick<Planning, 'categories' | 'warnings'>,
  { itemId, record }: Version,
  living: Item | undefined,
): Promise<string[] | null> {
  const then = listOf(record['categories']);
  if (then.length === 0) return null;
  const known = await categories();
  const held = listOf(living?.['categories']);
  const lost = then.filter((path) => known?.has(path) === false && !held.includes(path));
  if (lost.length === 0) return null;
  const message = `The organization has no such category any more: ${lost.join(', ')}.`;
  warnings.push({ code: 'CATEGORY_GONE', itemId, message });
  return then.filter((path) => !lost.includes(path));
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
