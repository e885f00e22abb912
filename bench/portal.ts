import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { largeOrganization } from '../test/support/demo-organization.ts';
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
  const { latency = 0, exportBytes, ...shape } = JSON.parse(process.argv[2] ?? '{}') as Shape;
  const org = largeOrganization(shape);
  if (exportBytes !== undefined) org.addService({ owner: 'backup', title: 'Large', layers: ['A'], exportBytes });
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
