import { errors, json, type Answer } from '../../../answers.ts';
import type { Ask } from '../../../ask.ts';
import { may, mayAs } from '../../../tokens.ts';
import type { Layer, PortalItem, Service } from '../../../words.ts';
import { found, isService, server } from '../../services.ts';
import { invalid } from '../door.ts';

/** A service that somebody wants to change. */
export interface Open {
  service: Service;
  item: PortalItem;
  /** may the caller do what the service itself does not allow to others? */
  isOwner: boolean;
}

/** The service of an address, for its owner and administrators; for others with the capability `named`, when there is one. */
export function opened(ask: Ask, name: string, named?: RegExp): Open | Answer {
  const service = found(ask, name);
  if (!isService(service)) return service;
  const item = ask.state.org.item(service.itemId);
  if (!service.hosted) return invalid('Requested operation is not supported by this service.');
  const isOwner = mayAs(ask.caller, item.record.owner, 'portal:admin:updateItems');
  if (isOwner) return { service, item, isOwner };
  if (named === undefined) return errors.forbidden();
  const isPermitted = may(ask.caller, 'features:user:edit') || ask.caller.account?.role === 'org_publisher';
  return isPermitted && named.test(service.capabilities) ? { service, item, isOwner } : errors.forbidden();
}

/** All layers and tables, in the order of their ids. */
export function allOf({ layers, tables }: Service): Layer[] {
  return [...layers, ...tables].sort((a, b) => a.id - b.id);
}

/** One of them. */
export function layerIn(service: Service, id: string): Layer | Answer {
  return allOf(service).find((each) => each.id === Number(id)) ?? invalid('Invalid layer or table.');
}

/** The JSON value of a parameter; undefined when it is none or not there. */
export function jsonOf({ params }: Ask, name: string): unknown {
  try {
    return JSON.parse(params.get(name) ?? '') as unknown;
  } catch {
    return undefined;
  }
}

/** The address of a service, as the portal tells it. */
export function addressOf({ state }: Ask, name: string): string {
  return `${state.url}/arcgis/rest/services/${name}/FeatureServer`;
}

/** The address for administrators alone, as the beginning of a pattern. */
export const admin = /^\/arcgis\/rest\/admin\/services\/([^/]+)\/FeatureServer/.source;

/** The edit dates of a layer move, and those of the views that show it. @param what rows, or the schema */
export function moved({ state: { org } }: Ask, itemId: string, layer: Layer, what: 'rows' | 'schema'): void {
  const touch = (id: string, layerId: number) =>
    what === 'rows' ? org.editRows(id, layerId) : org.editSchema(id, layerId);
  const origin = layer.source ?? { itemId, layerId: layer.id };
  touch(itemId, layer.id);
  for (const service of org.services.values())
    for (const { id, source } of allOf(service))
      if (service.itemId !== itemId && source?.itemId === origin.itemId && source.layerId === origin.layerId)
        touch(service.itemId, id);
}

/** A job that a status address tells of. */
export interface ServiceJob {
  /** answers before the end */
  polls: number;
  result: object;
}

/** Starts a job, and says where to ask for it. @param key of the answer: statusUrl or statusURL */
export function job(ask: Ask, name: string, key: 'statusUrl' | 'statusURL', result: object): Answer {
  const { state } = ask;
  const id = state.jobs.newId();
  state.serviceJobs.set(id, { polls: state.writing.jobPolls, result });
  const base = key === 'statusURL' ? addressOf(ask, name).replace('/rest/', '/rest/admin/') : addressOf(ask, name);
  return json({ [key]: `${base}/jobs/${id}` });
}

/** GET jobs/{id}. */
export function jobStatus(ask: Ask, _name = '', id = ''): Answer {
  const held = ask.state.serviceJobs.get(id);
  if (!held) return invalid('Job not found.');
  if (held.polls === 0) return json(held.result);
  held.polls -= 1;
  return json({ status: held.polls > 0 ? 'Pending' : 'InProgress' });
}

export { server };
