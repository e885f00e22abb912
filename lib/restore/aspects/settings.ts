import { isUncertain } from '../../arcgis/writing/writer.ts';
import { isCode } from '../../errors.ts';
import { optimisations } from '../layers/definition/next-calls.ts';
import type { ServiceDefinition } from '../layers/definition/service-definition.ts';
import { opened, settingDifferences } from '../layers/definition/settings.ts';
import { livingDefinition } from '../layers/saved-definition.ts';
import { updateApart } from '../layers/update-apart.ts';
import type { Aspect } from './aspect.ts';
import { savedOf } from './service.ts';

/** Who may do what with a service, and what is written down of it: last, when its rows are in. */
export const settings: Aspect = {
  name: 'settings',
  danger: 2,
  compare: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return [];
    const living = await livingDefinition(target.portal, item);
    const differing = settingDifferences(saved, living, target.isEnterprise).map(({ key, wanted, isSoft }) => ({
      part: 'settings' as const,
      what: key === 'capabilities' ? capabilitiesIn(wanted, living) : key,
      ...(isSoft && { isSoft }),
    }));
    const isSlow = optimisations(saved, living).length > 0;
    return [...differing, ...(isSlow ? [{ part: 'settings' as const, what: 'optimisation of layers' }] : [])];
  },
  write: async (target, item) => {
    const saved = await savedOf(target, item);
    if (saved === undefined) return;
    const { portal, services, isEnterprise } = target;
    const address = await portal.serviceAddress(item);
    const living = await livingDefinition(portal, item);
    for (const { layerId, body } of optimisations(saved, living)) await updateApart(services, address, layerId, body);
    const differing = settingDifferences(saved, living, isEnterprise);
    const body = Object.fromEntries(differing.map(({ key, wanted }) => [key, wanted]));
    if (differing.length > 0) await updateApart(services, address, null, body);
    try {
      await services.refresh(address);
    } catch (error) {
      // What was changed is looked at in any case.
      if (!isUncertain(error) && !isCode(error, 'RESTORE_REFUSED')) throw error;
    }
  },
};

/** Somebody may have closed it on purpose, and is to read that it is opened. */
function capabilitiesIn(wanted: unknown, living: ServiceDefinition): string {
  const open = opened(wanted, living.service['capabilities']);
  return `capabilities (${String(wanted)}${open.length > 0 ? `: allows ${open.join(', ')} again` : ''})`;
}
