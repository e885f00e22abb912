import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { noteMeanings } from '../lib/backup/notes.ts';
import { typeRelations } from '../lib/backup/types/relations.ts';
import { typeGroups } from '../lib/backup/types.ts';
import { classOf } from '../lib/restore/plan/class.ts';

const words = { all: 'everything', definition: 'definition only', nothing: 'nothing' };
const contents = { file: 'file', json: 'JSON', export: 'rows', none: '–' };
const inOrder = (types: readonly string[]) => [...types].sort((a, b) => a.localeCompare(b, 'en'));

const rows = typeGroups.flatMap((group) => group.rows);
const count = (coverage: keyof typeof words) =>
  rows.filter((row) => row.coverage === coverage).reduce((sum, { types }) => sum + types.length, 0);

const preface = `# What is saved of each item type

Made from \`lib/backup/types/\` by \`node docs/coverage.ts\`; a test keeps the two together.

Of every item: its record, sharing with all groups, metadata, thumbnail, all resources (private ones too, where the account may
read them), info files and the relationships listed at the end. Every item's data is asked for, whatever its type. The table says
what that amounts to: **everything** (${count('all')} types), **definition only** where the content is not in the portal
(${count('definition')}), or **nothing** by default (${count('nothing')}). A type that is not listed is saved with everything it
offers, and \`backup.json\` says so.

What proves that it is whole: a file has the size that its record tells, a resource and an attachment the size that the list tells, every download its
Content-Length; a file without a size in the portal must be what its name claims (zip, image, PDF), JSON must be whole, an export must open. A part beside the data that
cannot be had this time stays as it was and is a gap, named in \`backup.json\` and in the run.
`;

/** Content that is proved alike, and by what. */
const proofs = [
  [
    'rows, exported',
    'The zip opens, every checksum holds, and each table of the geodatabase (each CSV) has as many rows as the service counts before and after the export; what is edited meanwhile is exported once more. What lacks rows is read by queries. What cannot be counted is saved with a note.',
  ],
  [
    'rows, by queries',
    'Each row is asked for by its object id; ids, rows and the counts before and after agree, else the layer is read again, three times at most.',
  ],
  ['attachments', 'Content-Length, bytes, and no fewer than the service lists; their number stands in backup.json.'],
  [
    'file',
    'The size that the record lists, Content-Length and bytes agree. It is what its name claims (zip with all checksums, geodatabase with tables, image, PDF, JSON); a file whose lengths agree and that is something else is saved with a note.',
  ],
  ['JSON', 'It is whole JSON, and no error document.'],
  ['resources', 'The size that the portal lists, Content-Length and bytes agree; kept under any name, whatever it is.'],
  ['metadata, info files', 'Content-Length and bytes agree, and it is no error document.'],
  ['thumbnail', 'Content-Length and bytes agree, and it is an image; what is none is saved with a note.'],
  [
    'record, sharing, relationships, layers.json',
    "The portal's answer has the shape that is documented; lists are as long as their total.",
  ],
] as const;

function proof(): string {
  const lines = proofs.map(([what, how]) => `| ${what} | ${how} |`);
  const why =
    'What must hold before something counts as saved. What does not keeps the version that the archive has, and is told. ' +
    'Afterwards every part has its SHA-256 in `backup.json`, and the weekly verification reads it.';
  return ['## Proof', '', why, '', '| content | proof |', '| --- | --- |', ...lines, ''].join('\n');
}

function notes(): string {
  const lines = noteMeanings.map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const why =
    '`notes` of `backup.json`: what a reader should know, as `{code, text, part}`. Programs go by the code; an archive that was begun ' +
    'with an older version has sentences in their place (format 1), which are read for ever.';
  return ['## Notes', '', why, '', '| code | meaning |', '| --- | --- |', ...lines, ''].join('\n');
}

/** How the types of a row go back: in place, and as new items. */
function restored(types: readonly string[]): string {
  const word = (type: string, anew: boolean) =>
    classOf({ type, typeKeywords: typeof hosted[type] === 'string' ? [hosted[type]] : [type] }, anew).is;
  const [inPlace, anew] = [false, true].map((isNew) => Map.groupBy(types, (type) => word(type, isNew)));
  const say = (by: Map<string, string[]> | undefined) =>
    ['proven', 'unproven', 'refused']
      .flatMap((is) => {
        const some = by?.get(is) ?? [];
        if (some.length === 0) return [];
        const which = some.length === types.length ? '' : `: ${inOrder(some).join(', ')}`;
        return [`${{ proven: 'yes', unproven: 'unproven', refused: 'by hand' }[is] ?? ''}${which}`];
      })
      .join('; ');
  const hands = types.flatMap((type) => {
    const fit = classOf({ type, typeKeywords: [type] }, true);
    return fit.is === 'proven' && fit.byHand !== undefined ? [`; then by hand: ${fit.byHand}`] : [];
  });
  const [one, other] = [say(inPlace), `${say(anew)}${hands.join('')}`];
  return one === other ? one : `in place ${one}; beside, new ${other}`;
}

/** What says of an item of such a type that its rows lie in the portal. */
const hosted: Readonly<Record<string, string>> = { 'Feature Service': 'Hosted Service' };

/** What stands in the column. */
function restoring(): string {
  return `## Restored

What \`ago-backup restore\` puts back into the portal. **Yes**: in place (also out of the recycle bin), beside, and new, all its parts compared with the version
afterwards (test/restore/text-items.test.ts, test/restore/taken-back.test.ts; surveys and notebooks: test/restore/classes.test.ts; all of them in an empty organization: test/restore/mixed.test.ts). **Unproven**: the parts go back as they are; what else has to be done the plan says. **By hand**: the plan refuses it
and says why; \`ago-backup get ITEM --to DIR\` gives the files (test/restore/refusals.test.ts). Hosted layers come back with rows and files, in place (test/restore/layers/in-place.test.ts) and new or beside (test/restore/layers/new.test.ts), views after their source (test/restore/layers/views.test.ts). Groups come back too, and folders (below); relations, status and categories of items too (test/restore/belonging.test.ts). Metadata of an item that had none
in its version stays, and is told.
`;
}

/** What is saved and put back besides items. */
const others = [
  [
    'groups',
    'record, picture, members, managers, what is shared with them',
    'in place yes; new yes, under a new id (test/restore/groups.test.ts). What lives and is to come back is found by id, mark, or title and owner; members who are gone are not made again; what was fixed when the group was made stays (`capabilities`, `membershipAccess`)',
  ],
  [
    'folders',
    'title and id, with each item',
    'made with what lies in them, under a new id (test/restore/folders.test.ts); empty ones are not saved',
  ],
  ['members, roles', 'names, roles, user types; no passwords', 'by hand'],
  ['settings of the organization, schema of categories', 'as the portal tells them, without secrets', 'by hand'],
] as const;

function besidesItems(): string {
  const lines = others.map(([what, saved, back]) => `| ${what} | ${saved} | ${back} |`);
  return ['## What is no item', '', '| what | saved | restored |', '| --- | --- | --- |', ...lines, ''].join('\n');
}

function chapter({ title, rows }: (typeof typeGroups)[number]): string {
  const lines = rows.map(
    ({ types, coverage, content, why }) =>
      `| ${inOrder(types).join(', ')} | ${words[coverage]} | ${contents[content]} | ${why} | ${restored(types)} |`,
  );
  return [
    `## ${title}`,
    '',
    '| item types | saved | content | what and why | restored |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

function relationships(): string {
  const lines = inOrder(Object.keys(typeRelations)).map((type) => {
    const kinds = (typeRelations[type] ?? []).map((each) => `${each.type} (${each.direction})`);
    return `| ${type} | ${kinds.join(', ')} |`;
  });
  const why =
    '`related.json` names the items at the other end, so that what belongs together can be put back together.';
  return ['## Relationships', '', why, '', '| item type | asked for |', '| --- | --- |', ...lines, ''].join('\n');
}

/** docs/coverage.md, made from the tables in lib/backup: `node docs/coverage.ts` writes it. */
export function coverage(): string {
  return [preface, proof(), restoring(), besidesItems(), notes(), ...typeGroups.map(chapter), relationships()].join(
    '\n',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(new URL('coverage.md', import.meta.url), coverage());
