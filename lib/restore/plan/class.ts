import { typeInfo } from '../../backup/types.ts';
import type { Fields } from '../record.ts';

/** How far this version can restore an item. */
export type Class =
  /** `byHand`: what a person does besides, a sentence */
  | { is: 'proven'; byHand?: string }
  /** its parts go back as they are; what else it needs to work is not proven. `why` is a sentence. */
  | { is: 'unproven'; why: string }
  /** not at all, or not as a new item. `why` is a sentence. */
  | { is: 'refused'; why: string };

/** What belongs to a registration, a domain or a server that no item's parts bring back. */
const notAnew = new Map(
  Object.entries({
    'Hub Site Application': 'A site needs its domain and its registration, which only ArcGIS Hub makes.',
    'Site Application': 'A site needs its domain and its registration, which only the portal itself makes.',
    'Hub Initiative': 'An initiative needs its site and groups, which only ArcGIS Hub makes.',
    Application: 'A registered app gets a new client id and secret; register it again by hand.',
    'API Key': 'The key itself is in no backup; make a new one by hand.',
    'Data Store': 'A connection with its password is in no backup; make it again by hand.',
    'Relational Database Connection': 'A connection with its password is in no backup; make it again by hand.',
    'Big Data File Share': 'A connection with its password is in no backup; make it again by hand.',
    'Kernel Gateway Connection': 'A connection with its password is in no backup; make it again by hand.',
  }),
);

/** What names others in places that are not rewritten, or works with programs that know the old id. */
const unprovenAnew = new Map(
  Object.entries({
    'Hub Page': 'Add it to its site again.',
    'Site Page': 'Add it to its site again.',
    'QuickCapture Project': 'Open it in the designer and save it again.',
    'Workforce Project': 'Its layers know it by its old id.',
    Solution: 'Its items know it by its old id.',
  }),
);

/** What comes back whole, and has something about it that lies elsewhere. */
const byHandAnew = new Map(
  Object.entries({
    Form: 'A table of its layers may hold a note of Survey123 under its old id: open it there and publish it again if the field app does not find it.',
    Notebook: 'Its schedules are in no backup; make them again by hand.',
  }),
);

/** What the archive has of a hosted feature service. */
export interface Holdings {
  isDefined: boolean;
  isView: boolean;
  /** of a view: is it told how it is made of its source? */
  hasRecipe: boolean;
  hasRows: boolean;
  /** of a service of tiles: is it known which package it came of? */
  isOfPackage?: boolean;
}

/** All of it. */
const whole: Holdings = { isDefined: true, isView: false, hasRecipe: true, hasRows: true };

/** How far an item of this record can be restored. @param anew as a new item, or where it is */
export function classOf(record: Fields, anew: boolean, holdings = whole): Class {
  const type = typeof record['type'] === 'string' ? record['type'] : '';
  const keywords: unknown[] = Array.isArray(record['typeKeywords']) ? record['typeKeywords'] : [];
  if (typeInfo(type).content === 'export' && keywords.length === 0)
    return refused('Its record does not say whether it is a hosted layer.');
  if (keywords.includes('Hosted Service'))
    return classOfHosted(type, anew, { ...holdings, isView: holdings.isView || keywords.includes('View Service') });
  const hindrance = anew ? notAnew.get(type) : undefined;
  if (hindrance !== undefined) return refused(hindrance);
  const { known, content } = typeInfo(type);
  const why = anew ? unprovenAnew.get(type) : undefined;
  if (why !== undefined) return { is: 'unproven', why };
  if (!known) return { is: 'unproven', why: 'Its type is not known to this version of ago-backup.' };
  if (content === 'none')
    return { is: 'unproven', why: 'Only its record and its address go back; what they lead to is not in the portal.' };
  const byHand = anew ? byHandAnew.get(type) : undefined;
  return byHand === undefined ? proven : { ...proven, byHand };
}

const proven = { is: 'proven' } as const;
const refused = (why: string): Class => ({ is: 'refused', why });

function classOfHosted(type: string, anew: boolean, holdings: Holdings): Class {
  const { isDefined, isView, hasRecipe, hasRows } = holdings;
  if (type !== 'Feature Service') return classOfTiles(anew, holdings);
  if (!anew && !isView) return proven;
  if (!isDefined) return refused('The archive does not say how its layers are defined.');
  if (isView && !hasRecipe)
    return refused(
      'The archive does not say how this view is made of its source: the account of the backup could not read that.',
    );
  if (!isView && !hasRows) return refused('The archive has no rows of it.');
  return proven;
}

/** Their tiles are in no backup; the package that they came of is. */
function classOfTiles(anew: boolean, { isOfPackage }: Holdings): Class {
  if (!anew)
    return { is: 'unproven', why: 'Its tiles lie in the portal alone, are in no backup, and stay as they are.' };
  if (isOfPackage === true)
    return {
      is: 'unproven',
      why: 'It is published again from its package: tiles that were made after that, and scales that were changed, are in no backup.',
    };
  return refused(
    'Its tiles lie in the portal alone and are in no backup: publish it again from the package or the layer that it was made from.',
  );
}
