import { define } from '../layers/define.ts';
import { definitionDifferences } from '../layers/definition/compare.ts';
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
    const sources = await sourcesFor(saved, target);
    await guardSources(saved, target, target, () =>
      define({ portal, services, clock, item, saved, isEnterprise, sources }),
    );
  },
};
