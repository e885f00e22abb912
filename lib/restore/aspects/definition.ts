import type { Item } from '../../backup/item.ts';
import { isHosted } from '../../backup/formats.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import { isCode } from '../../errors.ts';
import { define } from '../layers/define.ts';
import { definitionDifferences } from '../layers/definition/compare.ts';
import { settingsOf, sameSettings } from '../layers/definition/new-service.ts';
import { optimisations } from '../layers/definition/next-calls.ts';
import { livingDefinition, savedDefinition } from '../layers/saved-definition.ts';
import { sourcesFor } from '../layers/sources.ts';
import type { Aspect, Target } from './aspect.ts';

/** What layers a hosted service has, and how these are defined: fields, domains, symbols, relationships, filters of views. */
export const definition: Aspect = {
  name: 'definition',
  danger: 2,
  compare: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return [];
    const living = await livingDefinition(target.portal, item);
    return definitionDifferences(saved, living).map((each) => ({ part: 'definition', ...each }));
  },
  write: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return;
    const { portal, services, clock, isEnterprise } = target;
    const sources = await sourcesFor(saved, target);
    await define({ portal, services, clock, item, saved, isEnterprise, sources });
  },
};

/** Who may do what with a service that was made, and what is written down of it: last, when its rows are in. */
export const settings: Aspect = {
  name: 'settings',
  danger: 2,
  compare: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return [];
    const living = await livingDefinition(target.portal, item);
    const wanted = settingsOf(saved, target.isEnterprise);
    const differing = Object.keys(wanted).filter((key) => !sameSettings(key, living.service[key], wanted[key]));
    const layers = optimisations(saved, living).length > 0 ? ['optimisation of layers'] : [];
    return [...differing, ...layers].map((what) => ({ part: 'settings', what }));
  },
  write: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return;
    const { portal, services, isEnterprise } = target;
    const address = await portal.serviceAddress(item);
    const living = await livingDefinition(portal, item);
    for (const { layerId, body } of optimisations(saved, living)) {
      try {
        await services.updateDefinition(address, layerId, body);
      } catch (error) {
        // It only draws faster; that it is not there is told.
        if (!isUncertain(error) && !isCode(error, 'RESTORE_REFUSED')) throw error;
      }
    }
    await services.updateDefinition(address, null, settingsOf(saved, isEnterprise));
    await services.refresh(address);
  },
};

async function savedOf({ archive, version }: Target, item: Item) {
  return isHosted(item) ? savedDefinition(archive, version) : undefined;
}
