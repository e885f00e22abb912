import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bicep } from './compiler.ts';

/** The parameter files of which a snapshot lies beside them: what is deployed by default, and everything there is. */
export const parameterFiles = ['main.bicepparam', 'all-options.bicepparam'] as const;

/** One resource as it would be deployed. Values that only Azure knows are expressions in brackets. */
export interface Resource {
  id: string;
  type: string;
  name: string;
  apiVersion: string;
  properties?: Record<string, unknown>;
  [other: string]: unknown;
}

/** Compares a snapshot with what the template says now, or writes it anew. Throws with the differences. */
export function snapshot(file: string, mode: 'validate' | 'overwrite'): void {
  const nobody = '00000000-0000-0000-0000-000000000000';
  const place = [
    '--subscription-id',
    nobody,
    '--tenant-id',
    nobody,
    '--resource-group',
    'rg',
    '--location',
    'westeurope',
  ];
  bicep('snapshot', file, '--mode', mode, ...place);
}

/** The resources of a snapshot. */
export function resourcesOf(file: (typeof parameterFiles)[number]): Resource[] {
  const path = new URL(file.replace('.bicepparam', '.snapshot.json'), import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { predictedResources: Resource[] }).predictedResources;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of parameterFiles) snapshot(file, 'overwrite');
}
