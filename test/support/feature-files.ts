import assert from 'node:assert/strict';
import type { Portal } from '../../lib/arcgis/portal.ts';
import { bytesOf } from './open-portal.ts';
import type { SimulatedPortal } from './portal/portal.ts';

/** All that is read of a service row by row: path → bytes, in the order in which it came. */
export async function filesOf(portal: Portal, id: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const layer of await portal.features((await portal.item(id)) ?? assert.fail(id)))
    for await (const file of layer.files(layer.form)) {
      if ('error' in file) throw file.error;
      files.set(file.path, await bytesOf((await file.open()).body));
    }
  return files;
}

/** Has the server describe its first layer with other words, until the end of the test. */
export function describeLayer(sim: SimulatedPortal, words: Record<string, unknown>): void {
  const edit = (answer: Record<string, unknown>) => {
    const [first, ...others] = answer['layers'] as object[];
    return { ...answer, layers: [{ ...first, ...words }, ...others] };
  };
  sim.faults.add({ match: /\/layers$/, times: Infinity, answer: { edit } });
}
