import { errors, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { may } from '../../tokens.ts';
import type { Category } from '../../words.ts';
import { root } from '../wire.ts';
import { invalid, write } from './door.ts';
import { objectIn } from './fields.ts';

/** The organization's schema of categories. https://developers.arcgis.com/rest/users-groups-and-items/category-schema/ */
function schema(ask: Ask): Answer {
  const { categories } = ask.state.org;
  if (!ask.caller.account) return errors.tokenRequired();
  return json({
    categorySchema: categories.length === 0 ? [] : [{ title: 'Categories', categories: shown(categories) }],
  });
}

function shown(categories: readonly Category[]): object[] {
  return categories.map(({ title, description, categories: below }) => ({
    title,
    ...(description !== undefined && { description }),
    categories: shown(below ?? []),
  }));
}

/** POST assignCategorySchema: the schema as a whole takes the place of the one before, for default administrators. */
function assign(ask: Ask): Answer {
  if (!may(ask.caller, 'portal:admin:updateGroups')) return errors.forbidden();
  const asked = objectIn(ask.params.get('categorySchema') ?? '')?.['categorySchema'];
  if (!Array.isArray(asked) || asked.length > 1) return invalid("Invalid value for 'categorySchema'.");
  const [one] = asked as Category[];
  if (one && one.title !== 'Categories') return invalid("Invalid value for 'categorySchema'.");
  ask.state.org.categories = one?.categories ?? [];
  return json({ success: true });
}

/** Categories of the organization. */
export const categoryRoutes: Route[] = [
  { pattern: new RegExp(`${root}/portals/[^/]+/categorySchema$`), answer: schema },
  write(`${root}/portals/[^/]+/assignCategorySchema`, assign),
];
