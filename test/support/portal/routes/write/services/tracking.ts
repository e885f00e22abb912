import { define } from '../../../table.ts';
import type { Definition, Layer, Service } from '../../../words.ts';

/** Who made and edited each row, and when: fields that the portal fills while tracking is on (restore.md 2.2). */

const roles = {
  creationDateField: { name: 'CreationDate', type: 'esriFieldTypeDate' },
  creatorField: { name: 'Creator', type: 'esriFieldTypeString', length: 128 },
  editDateField: { name: 'EditDate', type: 'esriFieldTypeDate' },
  editorField: { name: 'Editor', type: 'esriFieldTypeString', length: 128 },
} as const;

type Tracked = Record<keyof typeof roles, string>;

/** Is tracking on? */
export function isTracked({ definition }: Service): boolean {
  const info = definition?.['editorTrackingInfo'] as { enableEditorTracking?: boolean } | undefined;
  return info?.enableEditorTracking === true;
}

/** The fields that are filled, by what they tell. */
export function trackedFields(service: Service, { definition }: Layer): Tracked | undefined {
  return isTracked(service) ? (definition?.['editFieldsInfo'] as Tracked | undefined) : undefined;
}

/** Gives the layer its fields when tracking is switched on. @param renews new ones, though it has had some (restore.md 2.2) */
export function trackEdits(service: Service, layer: Layer, renews = false): void {
  if (!isTracked(service)) {
    if (layer.definition?.['editFieldsInfo']) pause(layer.definition);
    return;
  }
  const definition = define(layer);
  if (definition['editFieldsInfo']) return;
  const before = definition['pausedFields'] as Tracked | undefined;
  Reflect.deleteProperty(definition, 'pausedFields');
  const tracks = before && !renews ? before : newFields(definition);
  definition['editFieldsInfo'] = tracks;
  // Nobody but the portal fills them now.
  for (const field of definition.fields) if (Object.values(tracks).includes(field.name)) field['editable'] = false;
}

function pause(definition: Definition): void {
  definition['pausedFields'] = definition['editFieldsInfo'];
  Reflect.deleteProperty(definition, 'editFieldsInfo');
}

function newFields(definition: Definition): Tracked {
  const taken = new Set(definition.fields.map(({ name }) => name));
  const entries = Object.entries(roles).map(([role, field]) => {
    let name: string = field.name;
    for (let n = 1; taken.has(name); n++) name = `${field.name}_${n}`;
    definition.fields.push({ ...field, name, alias: name, editable: false });
    return [role, name];
  });
  return Object.fromEntries(entries) as Tracked;
}

/** What tracking makes of the values of a new or an edited row. */
export function tracked(
  tracks: Tracked | undefined,
  values: Record<string, unknown>,
  who: string,
  now: number,
  isNew: boolean,
): Record<string, unknown> {
  if (!tracks) return values;
  const made = isNew && { [tracks.creatorField]: who, [tracks.creationDateField]: now };
  const { [tracks.creatorField]: _who, [tracks.creationDateField]: _when, ...rest } = values;
  return { ...rest, ...made, [tracks.editorField]: who, [tracks.editDateField]: now };
}
