import { json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import type { Relation } from '../../words.ts';
import { isItem, root, visible } from '../wire.ts';
import { invalid, owned, write } from './door.ts';

/** How items belong together (restore.md 1.6). */

interface Asked {
  from: string;
  to: string;
  type: string;
}

function asked(ask: Ask, owner: string): Asked | Answer {
  const from = ask.params.get('originItemId') ?? '';
  const to = ask.params.get('destinationItemId') ?? '';
  const type = ask.params.get('relationshipType') ?? '';
  if (!/^[A-Z][A-Za-z]*2[A-Z][A-Za-z]*$/.test(type)) return invalid("Invalid value for 'relationshipType'.");
  const origin = owned(ask, owner, from);
  if (!isItem(origin)) return origin;
  const target = visible(ask, to);
  return isItem(target) ? { from, to, type } : target;
}

const is = (type: string, direction: Relation['direction'], id: string) => (each: Relation) =>
  each.type === type && each.direction === direction && each.id === id;

function add(ask: Ask, owner = ''): Answer {
  const found = asked(ask, owner);
  if ('status' in found) return found;
  const { from, to, type } = found;
  const { org } = ask.state;
  if (org.item(from).relations.some(is(type, 'forward', to))) return invalid('Relationship already exists.');
  org.relate(from, to, type);
  return json({ success: true });
}

function remove(ask: Ask, owner = ''): Answer {
  const found = asked(ask, owner);
  if ('status' in found) return found;
  const { from, to, type } = found;
  const { org } = ask.state;
  const [origin, target] = [org.item(from), org.item(to)];
  if (!origin.relations.some(is(type, 'forward', to))) return invalid('Relationship does not exist.');
  origin.relations = origin.relations.filter((each) => !is(type, 'forward', to)(each));
  target.relations = target.relations.filter((each) => !is(type, 'reverse', from)(each));
  return json({ success: true });
}

/** Relations between items. */
export const relationRoutes: Route[] = [
  write(`${root}/content/users/([^/]+)(?:/[0-9a-f]{32})?/addRelationship`, add),
  write(`${root}/content/users/([^/]+)(?:/[0-9a-f]{32})?/deleteRelationship`, remove),
];
