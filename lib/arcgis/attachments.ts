import { z } from 'zod';
import { safeFileName } from '../backup/names.ts';
import { shaped, type Client } from './client.ts';
import { download } from './download.ts';
import type { FeatureFile } from './features.ts';

const groups = z.looseObject({
  attachmentGroups: z
    .array(
      z.looseObject({
        parentObjectId: z.number(),
        attachmentInfos: z.array(z.looseObject({ id: z.number(), name: z.string().nullish() })),
      }),
    )
    .nullish(),
});

/** Rows a question. */
const mostRows = 200;

/**
 * The attachments of a layer's rows, in the order of row and attachment ids.
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-attachments-feature-service-layer/
 * @param url of the layer
 */
export async function* readAttachments(
  client: Client,
  url: string,
  layerId: number,
  objectIds: readonly number[],
): AsyncGenerator<FeatureFile> {
  const what = `The attachments of layer ${layerId}`;
  for (let n = 0; n < objectIds.length; n += mostRows) {
    const params = { objectIds: objectIds.slice(n, n + mostRows).join(',') };
    const call = { url: `${url}/queryAttachments`, method: 'POST', params, what } as const;
    const answer = shaped(groups, await client.signed((token) => client.wire.json({ ...call, token })), what);
    const all = [...(answer.attachmentGroups ?? [])].sort((a, b) => a.parentObjectId - b.parentObjectId);
    for (const { parentObjectId, attachmentInfos } of all) {
      for (const { id, name } of [...attachmentInfos].sort((a, b) => a.id - b.id)) {
        const found = await download(
          client,
          `${url}/${parentObjectId}/attachments/${id}`,
          `${what}, row ${parentObjectId}`,
        );
        const path = `features/attachments/${layerId}/${parentObjectId}/${id} ${safeFileName(name ?? 'attachment')}`;
        yield found
          ? { path, body: found.body, ...(found.size !== undefined && { size: found.size }) }
          : { path, body: nothing() };
      }
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty attachment is an attachment.
}
