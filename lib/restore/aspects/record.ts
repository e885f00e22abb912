import { isHosted } from '../../backup/formats.ts';
import { differing, formOf, keptKeywords } from '../record.ts';
import { placeOf, type Aspect } from './aspect.ts';

/** Title, description, tags and what else people write about an item. Last of what changes it: metadata may rewrite them. */
export const record: Aspect = {
  name: 'record',
  danger: 2,
  compare: ({ version, map }, item) => {
    const fields = differing(item, version.record, map, isHosted(item));
    return Promise.resolve(fields.length === 0 ? [] : [{ part: 'record', what: fields.join(', ') }]);
  },
  write: ({ version, map }, item, writing) => {
    const fields = differing(item, version.record, map, isHosted(item));
    const more = { kept: keptKeywords(item, isHosted(item)), isHosted: isHosted(item) };
    return writing.update(placeOf(item), formOf(version.record, fields, map, more));
  },
};
