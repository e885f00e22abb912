import type { Portal } from '../../arcgis/portal.ts';
import type { ServiceWriting } from '../../arcgis/writing/service-writing.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import { canonicalJson } from '../../backup/json.ts';
import type { Item } from '../../backup/item.ts';
import type { Clock } from '../../clock.ts';
import { nextCalls, type DefinitionCall } from './definition/next-calls.ts';
import type { Sources } from './definition/shown.ts';
import type { ServiceDefinition } from './definition/service-definition.ts';
import { livingDefinition } from './saved-definition.ts';
import { updateApart } from './update-apart.ts';

/** A living service that is to be defined as a saved one. */
export interface Defining {
  portal: Portal;
  services: ServiceWriting;
  clock: Clock;
  item: Item;
  saved: ServiceDefinition;
  isEnterprise: boolean;
  sources: Sources;
}

/** ms after a change until it is looked for again: what the portal says that it has done may show later (restore.md 0). */
const pauses = [0, 1000, 2000, 5000];
/** A call that changed nothing so often changes nothing. */
const mostSent = 2;

/**
 * Makes a living service what the saved one says: looks, sends what comes next, and looks again until nothing more can be done. May be
 * called again after any end. What the portal refuses of a layer that is there is left out, and shows when the two are compared.
 * @returns the definition in the end. Throws RESTORE_REFUSED when layers cannot be made
 */
export async function define(defining: Defining): Promise<ServiceDefinition> {
  const { portal, item, clock, services } = defining;
  const sent = new Map<string, number>();
  const isGivenUp = (call: DefinitionCall) => (sent.get(keyOf(call)) ?? 0) >= mostSent;
  let living = await livingDefinition(portal, item);
  for (;;) {
    const calls = nextCalls({ ...defining, living }, isGivenUp);
    if (calls.length === 0) return living;
    const address = await portal.serviceAddress(item);
    for (const call of calls) {
      const isRefused = !(await send(services, address, call));
      sent.set(keyOf(call), isRefused ? mostSent : (sent.get(keyOf(call)) ?? 0) + 1);
    }
    // What does not show yet would be done twice.
    const asked = canonicalJson(calls);
    for (const pause of pauses) {
      if (pause > 0) await clock.sleep(pause);
      living = await livingDefinition(portal, item);
      if (canonicalJson(nextCalls({ ...defining, living }, () => false)) !== asked) break;
    }
  }
}

const keyOf = (call: DefinitionCall) => canonicalJson(call);

/** False when the portal will not do it; a lost answer is looked for. */
async function send(
  services: ServiceWriting,
  address: string,
  { layerId, verb, body }: DefinitionCall,
): Promise<boolean> {
  if (layerId !== null && verb === 'updateDefinition') return updateApart(services, address, layerId, body);
  try {
    await services[verb](address, layerId, body);
  } catch (error) {
    if (!isUncertain(error)) throw error;
  }
  return true;
}
