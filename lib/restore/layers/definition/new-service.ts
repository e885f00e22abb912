import type { Fields } from '../../record.ts';
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
