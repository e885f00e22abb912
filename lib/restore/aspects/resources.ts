import type { Resource } from '../../arcgis/content/resources.ts';
import type { Part } from '../../backup/item.ts';
import { wantedBytes } from '../references/wanted.ts';
import type { Difference } from '../words.ts';
import { collect, placeOf, type Aspect, type Target } from './aspect.ts';

/** A resource as the version has it. */
interface Wanted {
  part: Part;
  /** as the portal calls it */
  name: string;
}

/** What is to be done with one resource. */
type Change = { do: 'add' | 'update'; wanted: Wanted } | { do: 'remove'; name: string };

/** The files beside an item, private ones too. Those that the version has not go. */
export const resources: Aspect = {
  name: 'resources',
  danger: 2,
  compare: async (target) =>
    (await changesOf(target)).map((change): Difference => ({ part: 'resources', what: nameOf(change) })),
  write: async (target, item, writing) => {
    const place = placeOf(item);
    // One after the other: of many at once the portal loses some (restore.md 0).
    for (const change of await changesOf(target)) {
      if (change.do === 'remove') {
        await writing.removeResource(place, change.name);
        continue;
      }
      const { part, name } = change.wanted;
      const resource = { name, isPrivate: part.private === true, bytes: Buffer.from(await wantedBytes(target, part)) };
      await (change.do === 'add' ? writing.addResource(place, resource) : writing.updateResource(place, resource));
    }
  },
};

const nameOf = (change: Change) =>
  change.do === 'remove' ? `${change.name}, which the version has not` : change.wanted.name;

async function changesOf(target: Target): Promise<Change[]> {
  const { list, lacking } = await target.portal.resources(target.id);
  if (lacking) throw lacking;
  const living = new Map(list.map((resource) => [resource.name, resource]));
  const wanted = target.version.manifest.parts
    .filter(({ role }) => role === 'resource')
    .map((part): Wanted => ({ part, name: part.name ?? part.path.replace(/^resources\//, '') }));
  const changes: Change[] = [];
  for (const each of wanted) {
    const found = living.get(each.name);
    if (found === undefined) changes.push({ do: 'add', wanted: each });
    else if (!(await isSame(target, each, found))) changes.push({ do: 'update', wanted: each });
  }
  const names = new Set(wanted.map(({ name }) => name));
  return [
    ...changes,
    ...list.filter(({ name }) => !names.has(name)).map(({ name }) => ({ do: 'remove', name }) as const),
  ];
}

async function isSame(target: Target, wanted: Wanted, { name, isPrivate }: Resource): Promise<boolean> {
  if (isPrivate !== (wanted.part.private === true)) return false;
  const found = await target.portal.download(target.id, `resources/${name}`, { isHeld: true, name });
  if (found === undefined) return false;
  const bytes = await wantedBytes(target, wanted.part);
  return (await collect(found.body, bytes.length))?.equals(bytes) === true;
}
