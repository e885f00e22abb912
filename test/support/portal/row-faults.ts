import type { Fault, Seen } from './faults.ts';

/** Ways in which a feature service gives other rows than it has, or says so. To be added to `portal.faults`. */

type Json = Record<string, unknown>;

const isQuery = ({ path }: Seen) => path.endsWith('/query');
const isPage = ({ path, query }: Seen) =>
  path.endsWith('/query') &&
  !('returnCountOnly' in query) &&
  !('returnIdsOnly' in query) &&
  !('outStatistics' in query);

const always = (match: (seen: Seen) => boolean, edit: (answer: Json) => unknown): Fault => ({
  match,
  times: Infinity,
  answer: { edit },
});

/** `returnCountOnly` says so many more, or fewer. */
export function countLies(by: number): Fault {
  const isCount = (seen: Seen) => isQuery(seen) && 'returnCountOnly' in seen.query;
  return always(isCount, ({ count }) => ({ count: (count as number) + by }));
}

/** `returnIdsOnly` gives the first ones only. @param says does it say that there are more? */
export function idsAreCut(to: number, says: boolean): Fault {
  const isIds = (seen: Seen) => isQuery(seen) && 'returnIdsOnly' in seen.query;
  return always(isIds, ({ objectIds, ...answer }) => {
    const all = (objectIds as number[]).sort((a, b) => a - b);
    return { ...answer, objectIds: all.slice(0, to), ...(says && all.length > to && { exceededTransferLimit: true }) };
  });
}

/** All rows bear the same id, as those of a join may. */
export function idsAreOne(): Fault {
  const isIds = (seen: Seen) => isQuery(seen) && 'returnIdsOnly' in seen.query;
  return always(isIds, ({ objectIds, ...answer }) => ({ ...answer, objectIds: (objectIds as number[]).map(() => 1) }));
}

/** Pages lack a row, by what makes one out. */
export function pagesLack(isIt: (feature: Json) => boolean): Fault {
  return always(isPage, ({ features, ...answer }) => ({
    ...answer,
    features: (features as Json[]).filter((each) => !isIt(each)),
  }));
}

/** Every row of a page comes twice. */
export function pagesDouble(): Fault {
  return always(isPage, ({ features, ...answer }) => ({
    ...answer,
    features: (features as Json[]).flatMap((each) => [each, each]),
  }));
}

/** No page says whether there are more. */
export function pagesAreSilent(): Fault {
  return always(isPage, ({ exceededTransferLimit: _cut, properties: _more, ...answer }) => answer);
}

/** The values of a row, in either form. */
export function valuesOf(feature: Json): Json {
  return (feature['properties'] ?? feature['attributes']) as Json;
}

/** Rows bear no object id, or under another name. */
export function idsAreNamed(name: string | undefined): Fault {
  return always(isPage, ({ features, ...answer }) => ({
    ...answer,
    features: (features as Json[]).map(({ id: _id, properties, attributes, ...feature }) => {
      const { OBJECTID: id, ...others } = (properties ?? attributes) as Json;
      const values = name === undefined ? others : { ...others, [name]: id };
      return { ...feature, ...(properties === undefined ? { attributes: values } : { properties: values }) };
    }),
  }));
}
