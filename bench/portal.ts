import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { largeOrganization } from '../test/support/demo-organization.ts';
import { contentOf } from '../test/support/portal/content.ts';
import { startPortal } from '../test/support/portal/portal.ts';
import { largeZip } from '../test/support/portal/zip.ts';

/** What the portal of a benchmark holds. */
export interface Shape {
  members: number;
  items: number;
  services?: number;
  /** ms a request */
  latency?: number;
  /** bytes of one more layer's export */
  exportBytes?: number;
  /** of the account of the backup: hosted layers that are read row by row, */
  views?: number;
  /** one item with so many resources, */
  resources?: number;
  /** one service with so many layers */
  layers?: number;
}

/** A simulated portal in a process of its own, so that its memory and time are not counted. */
export async function forkPortal(shape: Shape) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(shape)]);
  const [env] = (await once(child, 'message')) as [Record<string, string>];
  /** requests since the last time it was asked */
  const requests = async (): Promise<number> => {
    child.send('count');
    return Number((await once(child, 'message'))[0]);
  };
  const close = async () => {
    child.disconnect();
    await once(child, 'exit');
  };
  return { env, requests, close };
}

if (process.send) {
  const {
    latency = 0,
    exportBytes,
    views = 0,
    resources,
    layers,
    ...shape
  } = JSON.parse(process.argv[2] ?? '{}') as Shape;
  const org = largeOrganization(shape);
  if (exportBytes !== undefined) org.addService({ owner: 'backup', title: 'Large', layers: ['A'], exportBytes });
  const view = { owner: 'backup', typeKeywords: ['Hosted Service', 'View Service'] };
  const names = (count: number) => Array.from({ length: count }, (_, n) => `Part ${n}`);
  for (const title of names(views)) org.addService({ ...view, title, layers: ['A'] });
  if (layers !== undefined) org.addService({ ...view, title: 'Layers', layers: names(layers) });
  if (resources !== undefined) {
    const files = Object.fromEntries(names(resources).map((name) => [`${name}.json`, contentOf(`{"of":"${name}"}`)]));
    org.addItem({ owner: 'backup', type: 'StoryMap', title: 'Story', json: { root: 'n' }, resources: files });
  }
  // The same bytes as a public file, for curl.
  const content = exportBytes === undefined ? null : largeZip(exportBytes);
  const plain =
    content &&
    org.addItem({
      owner: 'nobody',
      type: 'File Geodatabase',
      title: 'Plain',
      name: 'plain.zip',
      access: 'public',
      data: content,
    });
  const portal = await startPortal({ org, behaviour: { latency } });
  portal.behaviour.redirectAbove = Infinity;
  const download = plain ? { DOWNLOAD_URL: `${portal.url}/sharing/rest/content/items/${plain.record.id}/data` } : {};
  process.send({ ...portal.env, ...download });
  process.on('message', () => {
    process.send?.(portal.log.count());
    portal.log.clear();
  });
  process.on('disconnect', () => process.exit());
}
