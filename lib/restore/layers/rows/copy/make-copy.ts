import type { Item, Part } from '../../../../backup/item.ts';
import { placeOf } from '../../../aspects/aspect.ts';
import { largest, sendParts } from '../../../aspects/large-file.ts';
import { marksFor } from '../../../create.ts';
import { noMap } from '../../../references/id-map.ts';
import { bytesOf, type Version } from '../../../version.ts';
import type { RowsWork } from '../work.ts';
import { copyOf, nameOf, sure, type Copying } from './copying.ts';
import { unproven } from './proof.ts';

/** The file of the version as an item; one that is there already is taken. */
export async function fileOf(copying: Copying, version: Version, part: Part): Promise<string> {
  const { restorer, archive, clock, account, mark } = copying;
  const name = nameOf(version, mark);
  const known = await copyOf(copying, version, 'File Geodatabase');
  // One whose parts did not all come is as good as none.
  if (known?.size === part.size) return known.id;
  const marks = [...marksFor(version.itemId, mark), 'restore-temporary'];
  const fields = { title: name, type: 'File Geodatabase', tags: 'restore', typeKeywords: marks.join(',') };
  const fileName = `${name}.zip`;
  if (known !== undefined) await restorer.writing.remove(placeOf(known), true);
  if (part.size <= largest) {
    const bytes = await bytesOf(archive, version, part);
    const file = new File([new Uint8Array(bytes)], fileName);
    return sure(copying, version, 'File Geodatabase', () => restorer.writing.addItem(fields, { file }));
  }
  const id = await sure(copying, version, 'File Geodatabase', () => restorer.writing.addLarge(fields, fileName));
  const place = { id, owner: account, folderId: null };
  await sendParts({ archive, clock, version, map: noMap }, place, restorer.writing, part, {
    fileName,
    type: 'File Geodatabase',
  });
  return id;
}

/** ms between two looks at what is being made, the last for all that follow; and how many looks. */
const pauses = [1000, 2000, 5000, 10_000, 30_000];
const looks = 480;

/** The service that is made of the file, once it is whole; one whose making is written down is waited for. Throws RESTORE_COPY. */
export async function serviceOf(copying: Copying, version: Version, fileId: string, work: RowsWork): Promise<Item> {
  const { restorer, clock } = copying;
  const { id, jobId } = (await begunIn(copying, version, work)) ?? (await begin(copying, version, fileId, work));
  for (let look = 0; look < looks; look++) {
    const status = await restorer.services.publishStatus({ itemId: id, jobId });
    if (status === 'failed') throw unproven('publishing it failed');
    const item = status === 'completed' ? await restorer.portal.item(id) : undefined;
    if (item !== undefined) return item;
    await clock.sleep(pauses[Math.min(look, pauses.length - 1)] ?? 0);
    await work.rest();
  }
  throw unproven('publishing it did not end within four hours');
}

interface Begun {
  id: string;
  jobId: string;
}

async function begunIn(copying: Copying, version: Version, { notes }: RowsWork): Promise<Begun | undefined> {
  const known = await copyOf(copying, version, 'Feature Service');
  if (known === undefined) return undefined;
  const begun = notes.findLast((each) => each.is === 'publishing' && each.itemId === known.id);
  if (begun?.is === 'publishing') return { id: begun.itemId, jobId: begun.jobId };
  // Nobody knows any more how far its making has come.
  await copying.restorer.writing.remove(placeOf(known), true);
  return undefined;
}

async function begin(copying: Copying, version: Version, fileId: string, { note }: RowsWork): Promise<Begun> {
  let jobId = '';
  const id = await sure(copying, version, 'Feature Service', async () => {
    const made = await copying.restorer.services.publish({ itemId: fileId, name: nameOf(version, copying.mark) });
    jobId = made.jobId;
    return made.itemId;
  });
  if (jobId !== '') await note({ is: 'publishing', itemId: id, jobId });
  return { id, jobId };
}
