import { contentOf, fixture, jsonContent, typeOf, type Content } from './content.ts';
import type { Organization } from './organization.ts';
import { isEmptyWithoutData, newRecord } from './records.ts';
import type { ItemRecord, Missing, PortalItem } from './words.ts';

type Plain =
  | 'id'
  | 'name'
  | 'typeKeywords'
  | 'tags'
  | 'url'
  | 'size'
  | 'created'
  | 'modified'
  | 'protected'
  | 'access'
  | 'thumbnail'
  | 'snippet'
  | 'numViews';

/** What a test says of a new item; everything else is made up alike each time. */
export interface NewItem extends Partial<Pick<ItemRecord, Plain>> {
  owner: string;
  type: string;
  title: string | null;
  /** folder id; none: outside any folder */
  folder?: string | null;
  /** a file of files/ as the item's data */
  file?: string;
  data?: Content | Buffer | string;
  json?: unknown;
  missing?: Missing;
  metadata?: string;
  /** files under info/ by path; thumbnail/… also becomes the item's thumbnail */
  infos?: Record<string, Content>;
  resources?: Record<string, Content>;
  /** before all others in a listing, which shifts its pages */
  first?: boolean;
}

function dataOf(fields: NewItem): Content | null {
  if (fields.file !== undefined) return fixture(fields.file);
  if (fields.json !== undefined) return jsonContent(fields.json);
  if (fields.data === undefined) return null;
  if (typeof fields.data === 'string' || Buffer.isBuffer(fields.data)) {
    return contentOf(fields.data, typeOf(fields.name ?? ''));
  }
  return fields.data;
}

/** The item that `fields` describe, not yet on any shelf. */
export function makeItem(org: Organization, fields: NewItem): PortalItem {
  const { folder, file, data: _, json: __, missing, metadata, infos, resources, first: ___, ...record } = fields;
  const data = dataOf(fields);
  const created = fields.created ?? org.tick();
  const thumbnail = Object.keys(infos ?? {}).find((path) => path.startsWith('thumbnail/')) ?? null;
  const item: PortalItem = {
    record: newRecord({
      name: file ?? null,
      size: data?.size ?? 0,
      ownerFolder: folder ?? null,
      thumbnail,
      ...record,
      id: fields.id ?? org.newId(),
      owner: fields.owner,
      created,
    }),
    data,
    missing: missing ?? (isEmptyWithoutData(fields.type) ? 'empty' : 'noFile'),
    metadata: metadata === undefined ? null : contentOf(metadata, 'text/xml'),
    infos: new Map(Object.entries(infos ?? {})),
    resources: new Map(
      Object.entries(resources ?? {}).map(([name, content]) => [name, { content, access: 'inherit', created }]),
    ),
    groups: new Set(),
    relations: [],
    recycled: false,
    service: null,
    job: null,
  };
  if (metadata !== undefined) item.record.typeKeywords = [...item.record.typeKeywords, 'Metadata'];
  return item;
}
