import type { Fields } from '../../record.ts';
import { covers } from './covers.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** What an Enterprise portal knows (restore.md 3.2). */
const ofEnterprise = new Set(['Create', 'Query', 'Editing', 'Update', 'Delete', 'Uploads', 'Sync', 'Extract']);

/**
 * What else can be changed of a service, where its version tells it: what decides nothing that people may do, and is left where a portal
 * insists on its own. https://developers.arcgis.com/arcgis-rest-js/api-reference/arcgis-rest-feature-service/IFeatureServiceDefinition/
 */
const soft = [
  ...['description', 'copyrightText', 'maxRecordCount', 'allowGeometryUpdates', 'hasStaticData', 'xssPreventionInfo'],
  ...['units', 'cacheMaxAge'],
] as const;

/** Who may do what with a service, who is written down for it, and what it says of itself. @param living its capabilities now */
export function settingsOf({ service }: ServiceDefinition, isEnterprise: boolean, living?: unknown): Fields {
  const { capabilities, editorTrackingInfo, serviceDescription, isMultiServicesView } = service;
  // A view of several services cannot track who edits them (restore.md 3.2).
  const isTold = typeof editorTrackingInfo === 'object' && editorTrackingInfo !== null && !isMultiServicesView;
  const told = soft.flatMap((key) =>
    service[key] === undefined || service[key] === null ? [] : [[key, service[key]]],
  );
  return {
    ...(Object.fromEntries(told) as Fields),
    serviceDescription: typeof serviceDescription === 'string' ? serviceDescription : '',
    ...(typeof capabilities === 'string' && { capabilities: capabilitiesFor(capabilities, isEnterprise, living) }),
    ...(isTold && { editorTrackingInfo }),
  };
}

function capabilitiesFor(capabilities: string, isEnterprise: boolean, living: unknown): string {
  const known = new Set([...ofEnterprise, ...(typeof living === 'string' ? listIn(living) : [])]);
  return listIn(capabilities)
    .filter((each) => !isEnterprise || known.has(each))
    .join(',');
}

const listIn = (text: string) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);

/** A setting that is not as it was. */
export interface SettingDifference {
  key: string;
  wanted: unknown;
  /** it decides nothing that people may do */
  isSoft: boolean;
}

/** The settings of a living service that are not those of the saved one. */
export function settingDifferences(
  saved: ServiceDefinition,
  living: ServiceDefinition,
  isEnterprise: boolean,
): SettingDifference[] {
  const wanted = settingsOf(saved, isEnterprise, living.service['capabilities']);
  return Object.entries(wanted).flatMap(([key, value]) => {
    if (sameSettings(key, living.service[key], value)) return [];
    return [{ key, wanted: value, isSoft: (soft as readonly string[]).includes(key) }];
  });
}

/** What people may do again with a service that has these capabilities in place of its own. */
export function opened(wanted: unknown, living: unknown): string[] {
  const now = new Set(typeof living === 'string' ? listIn(living) : []);
  return typeof wanted === 'string' ? listIn(wanted).filter((each) => !now.has(each)) : [];
}

/** Does a setting of a living service say what is wanted? Capabilities come in any order. */
export function sameSettings(key: string, living: unknown, wanted: unknown): boolean {
  if (key === 'serviceDescription') return (living ?? '') === wanted;
  if (key !== 'capabilities' || typeof living !== 'string' || typeof wanted !== 'string') return covers(living, wanted);
  const sorted = (text: string) => listIn(text).sort().join();
  return sorted(living) === sorted(wanted);
}
