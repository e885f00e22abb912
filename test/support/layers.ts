import assert from 'node:assert/strict';
import type { Organization } from './portal/organization.ts';
import { contentOf } from './portal/content.ts';
import type { Layer, PortalItem } from './portal/words.ts';

/** All that a restore is to bring back of the rows of a service: not their object ids, which are others when they were loaded. */
export function rowsImage({ service }: PortalItem) {
  return [...(service?.layers ?? []), ...(service?.tables ?? [])].map((layer) => ({
    name: layer.name,
    rows: layer.rows
      .map(({ values, geometry: { spatialReference: _, ...geometry } = {}, attachments }) => ({
        values,
        geometry,
        files: attachments.map(({ name, content, keywords = '' }) => [name, content.sha256(), keywords]),
      }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }));
}

/** Parcels with attachments, and inspections that belong to them by their global ids. */
export function addParcels(org: Organization, { rows = 7, owner = 'ana' } = {}): PortalItem {
  if (!org.accounts.has(owner)) org.addMember(owner);
  const item = org.addService({
    owner,
    title: 'Parcels',
    layers: ['Parcels'],
    tables: ['Inspections'],
    rows,
    defined: true,
  });
  const [parcels, inspections] = layersOf(item);
  const [a, b] = [parcels.definition ?? assert.fail(), inspections.definition ?? assert.fail()];
  a['hasAttachments'] = true;
  b.fields.push({ name: 'parcel', type: 'esriFieldTypeGUID', alias: 'Parcel' });
  a['relationships'] = [{ id: 0, relatedTableId: 1, role: 'esriRelRoleOrigin', keyField: 'GlobalID' }];
  b['relationships'] = [{ id: 0, relatedTableId: 0, role: 'esriRelRoleDestination', keyField: 'parcel' }];
  for (const [n, row] of inspections.rows.entries())
    row.values = { ...row.values, parcel: parcels.rows[n]?.values?.['GlobalID'] };
  for (const row of parcels.rows.slice(0, 3))
    row.attachments.push(
      { id: row.id * 2, name: 'front.txt', content: contentOf(`front of ${row.id}`), keywords: 'front' },
      { id: row.id * 2 + 1, name: 'back.txt', content: contentOf(`back of ${row.id}`) },
    );
  return item;
}

/** The layers and tables of a service, in the order of their numbers. */
export function layersOf({ service }: PortalItem): [Layer, Layer] {
  const [first, second] = [...(service?.layers ?? []), ...(service?.tables ?? [])];
  return [first ?? assert.fail(), second ?? first ?? assert.fail()];
}
