import assert from 'node:assert/strict';
import type { Portal } from '../../lib/arcgis/portal.ts';
import { bytesOf } from './open-portal.ts';
import type { SimulatedPortal } from './portal/portal.ts';

/** All that is read of a service row by row: path → bytes, in the order in which it came. */
export async function filesOf(portal: Portal, id: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const layer of portal.features((await portal.item(id)) ?? assert.fail(id)))
    for await (const { path, body } of layer.files(layer.form)) files.set(path, await bytesOf(body));
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
