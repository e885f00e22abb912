import { numberOf, oneLine } from '../../../../backup/words.ts';
import type { Difference } from '../../../words.ts';
import type { LayerComparison } from './tally.ts';

/** What a comparison says for people, and for the end of a restore. @param withAdded are rows that the version has not a difference? */
export function differencesOfRows(all: readonly LayerComparison[], withAdded = true): Difference[] {
  return all.flatMap((each): Difference[] => {
    const told = wordsOf(each, withAdded);
    if (told.length > 0) return [{ part: 'rows', what: `${oneLine(each.name, 60)}: ${told.join(', ')}` }];
    if (each.stamped === 0) return [];
    const what = `${oneLine(each.name, 60)}: who edited ${numberOf(each.stamped, 'row')}, and when`;
    return [{ part: 'rows', what, equivalent: true }];
  });
}

function wordsOf({ now, then, missing, changed, added, files }: LayerComparison, withAdded: boolean): string[] {
  if (now === null) return [`no such layer for ${numberOf(then, 'row')}`];
  const surplus = files.now.count - (files.then.count - files.lacking);
  return [
    ...(missing > 0 ? [`${numberOf(missing, 'row')} missing`] : []),
    ...(changed > 0 ? [`${numberOf(changed, 'row')} changed`] : []),
    ...(added > 0 && withAdded ? [`${numberOf(added, 'row')} added since`] : []),
    ...(files.lacking > 0 ? [`${numberOf(files.lacking, 'attachment')} missing`] : []),
    ...(surplus > 0 && withAdded ? [`${numberOf(surplus, 'attachment')} added since`] : []),
  ];
}
