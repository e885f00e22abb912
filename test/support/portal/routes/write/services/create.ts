import { failure, json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { errors } from '../../../answers.ts';
import { isOn } from '../../../paging.ts';
import { mayMake } from '../../../tokens.ts';
import type { PortalItem, Service } from '../../../words.ts';
import { root } from '../../wire.ts';
import { broke, folderIn, invalid, space, write } from '../door.ts';
import { ownContent, wishedId } from '../items.ts';
import { addressOf, jsonOf } from './door.ts';

/** Empty hosted services (restore.md 3.2). */

/** What the JSON of a service holds that it makes itself. */
const own = [
  'name',
  'layers',
  'tables',
  'isView',
  'serviceItemId',
  'currentVersion',
  'capabilities',
  'preserveLayerIds',
];

/** Is the name free? One in the bin is taken as well (restore.md 0). */
export function isFree({ state }: Ask, name: string): boolean {
  const held = [...state.org.services.values()].find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!held) return true;
  return state.org.items.get(held.itemId)?.recycled === true && !state.writing.binBlocksNames;
}

/** Why no service gets this name. */
export function nameRefused(ask: Ask, name: unknown): Answer | undefined {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_]{1,98}$/.test(name)) return invalid('Invalid service name.');
  return isFree(ask, name) ? undefined : failure({ code: 400, message: `Service name '${name}' already exists.` });
}

/** A new item with a service without layers. */
export function newService(
  ask: Ask,
  owner: string,
  { name, isView, more }: { name: string; isView: boolean; more: Record<string, unknown> },
  id?: string,
): PortalItem {
  const { org } = ask.state;
  const capabilities = typeof more['capabilities'] === 'string' ? more['capabilities'] : 'Query';
  const item = org.addService({
    owner,
    title: name,
    folder: folderIn(ask),
    capabilities,
    ...(id !== undefined && { id }),
  });
  const service: Service = item.service ?? {
    name,
    itemId: item.record.id,
    layers: [],
    tables: [],
    hosted: true,
    viewOf: null,
    capabilities,
    exportBytes: null,
  };
  org.services.delete(service.name);
  service.name = name;
  org.services.set(name, service);
  service.definition = Object.fromEntries(Object.entries(more).filter(([key]) => !own.includes(key)));
  if (isView) service.definition['isView'] = true;
  const words = ['ArcGIS Server', 'Data', 'Feature Access', 'Feature Service', 'Service', 'Hosted Service'];
  Object.assign(item.record, {
    name,
    url: `{portal}/arcgis/rest/services/${name}/FeatureServer`,
    typeKeywords: isView ? [...words, 'View Service'] : words,
  });
  ask.state.made.add(item.record.id);
  return item;
}

/** POST createService; a view says that it is one both in createParameters and in the form. */
function createService(ask: Ask, owner = ''): Answer {
  const refused = space(ask, owner) ?? broke(ask);
  if (refused) return refused;
  if (!mayMake(ask.caller, 'portal:publisher:publishFeatures')) return errors.forbidden();
  const more = jsonOf(ask, 'createParameters') as Record<string, unknown> | undefined;
  if (!more || (ask.params.get('outputType') ?? ask.params.get('targetType')) !== 'featureService')
    return invalid("Invalid value for 'createParameters' or 'outputType'.");
  const taken = nameRefused(ask, more['name']);
  if (taken) return taken;
  const wished = wishedId(ask);
  if (typeof wished === 'object') return wished;
  const isView = more['isView'] === true && isOn(ask, 'isView');
  const name = String(more['name']);
  const { record } = newService(ask, owner, { name, isView, more }, wished);
  const serviceurl = addressOf(ask, name);
  return json({
    ...{ encodedServiceURL: serviceurl, itemId: record.id, name, serviceItemId: record.id, serviceurl },
    ...{ size: -1, success: true, type: 'Feature Service', isView },
  });
}

/** GET isServiceNameAvailable; it may say yes, and creating fails still. */
function isNameAvailable(ask: Ask): Answer {
  if (!ask.caller.account) return errors.tokenRequired();
  const available = ask.state.writing.namesLie || isFree(ask, ask.params.get('name') ?? '');
  return json({ available });
}

/** Making services. */
export const createRoutes: Route[] = [
  write(`${ownContent}/createService`, createService),
  { pattern: new RegExp(`${root}/portals/[^/]+/isServiceNameAvailable$`), answer: isNameAvailable },
];
