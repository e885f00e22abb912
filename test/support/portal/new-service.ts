import type { NewItem } from './new-item.ts';
import type { Organization } from './organization.ts';
import { addGlobalIds } from './table.ts';
import type { EditingInfo, Layer, PortalItem } from './words.ts';

/** What a test says of a new feature service. */
export interface NewService extends Omit<NewItem, 'type'> {
  /** names of the layers, numbered from 0, then the tables */
  layers?: string[];
  tables?: string[];
  /** default true: the portal keeps its rows, and can export them */
  hosted?: boolean;
  /** item id of the service that this one is a view of */
  viewOf?: string | null;
  /** default: with Extract */
  capabilities?: string;
  /** `full`: three dates, as today; `old`: lastEditDate only; `none`: no editingInfo */
  dates?: 'full' | 'old' | 'none';
  /** an export of this size (the payload in bytes), made on the fly, in place of the fixture file */
  exportBytes?: number | null;
  /** rows of each layer and table, or by its name. Default 5 */
  rows?: number | Record<string, number>;
  /** layers and tables with global ids, and with fields that can be changed: what a service has that was made in our days */
  defined?: boolean;
}

function datesOf(kind: NewService['dates'], at: number): EditingInfo | null {
  if (kind === 'none') return null;
  if (kind === 'old') return { lastEditDate: at };
  return { lastEditDate: at, schemaLastEditDate: at, dataLastEditDate: at };
}

function serviceName(org: Organization, title: string | null): string {
  const plain = (title ?? '').normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '_') || 'service';
  return org.services.has(plain) ? `${plain}_${org.services.size}` : plain;
}

/** Adds the item of the service and gives it its layers. */
export function makeService(org: Organization, fields: NewService): PortalItem {
  const {
    layers = [],
    tables = [],
    hosted = true,
    viewOf = null,
    dates,
    exportBytes = null,
    rows = 5,
    defined = false,
    ...item
  } = fields;
  const { capabilities = 'Create,Delete,Query,Update,Editing,Extract,ChangeTracking', ...record } = item;
  const name = serviceName(org, fields.title);
  const at = org.tick();
  const layer = (type: Layer['type'], from: number) => (title: string, n: number) => ({
    id: from + n,
    name: title,
    type,
    editingInfo: datesOf(dates, at),
    rows: Array.from({ length: typeof rows === 'number' ? rows : (rows[title] ?? 5) }, (_, row) => ({
      id: row + 1,
      name: row === 1 ? null : `${title} "${row + 1}", with a comma`,
      day: row === 2 ? null : at,
      attachments: [],
    })),
  });
  const made = org.addItem({
    name,
    url: `{portal}/arcgis/rest/services/${name}/FeatureServer`,
    typeKeywords: [
      'ArcGIS Server',
      'Data',
      'Feature Access',
      'Feature Service',
      layers.length + tables.length > 1 ? 'Multilayer' : 'Singlelayer',
      'Service',
      ...(hosted ? ['Hosted Service'] : []),
      ...(viewOf === null ? [] : ['View Service']),
      ...(layers.length === 0 ? ['Table'] : []),
    ],
    ...record,
    type: 'Feature Service',
  });
  made.service = {
    name,
    itemId: made.record.id,
    layers: layers.map(layer('Feature Layer', 0)),
    tables: tables.map(layer('Table', layers.length)),
    hosted,
    viewOf,
    capabilities,
    exportBytes,
  };
  if (defined) {
    made.service.definition = { spatialReference: { wkid: 4326 } };
    for (const each of [...made.service.layers, ...made.service.tables]) addGlobalIds(each, made.record.id);
  }
  return made;
}
