import { isCode } from '../../errors.ts';
import { define } from '../layers/define.ts';
import { definitionDifferences } from '../layers/definition/compare.ts';
import { unmoved } from '../layers/definition/shown.ts';
import { livingDefinition } from '../layers/saved-definition.ts';
import { guardSources, sourcesFor } from '../layers/sources.ts';
import { savedOf } from './service.ts';
import type { Aspect } from './aspect.ts';

/** What layers a hosted service has, and how these are defined: fields, domains, symbols, relationships, sources and filters of views. */
export const definition: Aspect = {
  name: 'definition',
  danger: 2,
  compare: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return [];
    const living = await livingDefinition(target.portal, item);
    const sources = await sourcesFor(saved, target);
    return definitionDifferences(saved, living, sources).map((each) => ({ part: 'definition', ...each }));
  },
  write: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return;
    const { portal, services, clock, isEnterprise } = target;
    const before = await livingDefinition(portal, item);
    const defining = { portal, services, clock, item, isEnterprise };
    const sources = await sourcesFor(saved, target);
    try {
      await guardSources(saved, target, target, () => define({ ...defining, saved, sources }));
    } catch (error) {
      if (!saved.isView || !isCode(error, 'RESTORE_REFUSED')) throw error;
      // A view whose layers were taken out is not left without any.
      await define({ ...defining, saved: before, sources: unmoved });
      throw error;
    }
  },
};
