import type { Fields } from '../../record.ts';
import { covers } from './compare.ts';
import { definedOfService, without } from './server-made.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** What tells a service from another before it has layers. */
export interface NewService {
  name: string;
  /** stands in its description until the end, so that it is found again when the answer was lost */
  mark: string;
  /** of an Enterprise portal, which knows fewer capabilities */
  isEnterprise: boolean;
}

/** What an Enterprise portal knows (restore.md 3.2). */
const ofEnterprise = new Set(['Create', 'Query', 'Editing', 'Update', 'Delete', 'Uploads', 'Sync', 'Extract']);

/** While rows are loaded: nobody but its owner and administrators sees it. Sync and what follows from it come last. */
const whileLoading = 'Create,Delete,Query,Update,Editing';

/** What a view is made with; all else comes from its source (restore.md 3.2). */
const ofView = ['sourceSchemaChangesAllowed', 'isUpdatableView', 'isMultiServicesView', 'spatialReference'];

/** What comes at the end, by `settingsOf`. */
const later = new Set(['capabilities', 'editorTrackingInfo', 'serviceDescription']);

/** createParameters of a service that is to be like the saved one (restore.md 3.2). */
export function createParameters({ service, isView }: ServiceDefinition, { name, mark }: NewService): Fields {
  const defined = definedOfService(service);
  const first = { name, serviceDescription: mark };
  if (isView)
    return { ...first, ...without(defined, (key) => !ofView.includes(key)), isView: true, capabilities: 'Query' };
  const kept = without(defined, (key) => later.has(key));
  return { ...kept, ...first, preserveLayerIds: true, capabilities: whileLoading };
}

/** What a service gets when everything is in it: who may do what, and who is written down for it. */
export function settingsOf({ service }: ServiceDefinition, isEnterprise: boolean): Fields {
  const { capabilities, editorTrackingInfo, serviceDescription, isMultiServicesView } = service;
  // A view of several services cannot track who edits them (restore.md 3.2).
  const isTold = typeof editorTrackingInfo === 'object' && editorTrackingInfo !== null && !isMultiServicesView;
  return {
    serviceDescription: typeof serviceDescription === 'string' ? serviceDescription : '',
    ...(typeof capabilities === 'string' && { capabilities: capabilitiesFor(capabilities, isEnterprise) }),
    ...(isTold && { editorTrackingInfo }),
  };
}

/** Does a setting of a living service say what is wanted? Capabilities come in any order. */
export function sameSettings(key: string, living: unknown, wanted: unknown): boolean {
  if (key === 'serviceDescription') return (living ?? '') === wanted;
  if (key !== 'capabilities' || typeof living !== 'string' || typeof wanted !== 'string') return covers(living, wanted);
  const sorted = (text: string) =>
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean)
      .sort()
      .join();
  return sorted(living) === sorted(wanted);
}

function capabilitiesFor(capabilities: string, isEnterprise: boolean): string {
  const all = capabilities.split(',').map((each) => each.trim());
  return (isEnterprise ? all.filter((each) => ofEnterprise.has(each)) : all).join(',');
}
