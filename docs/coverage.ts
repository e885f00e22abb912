import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { typeRelations } from '../lib/backup/types/relations.ts';
import { typeGroups } from '../lib/backup/types.ts';

const words = { all: 'everything', definition: 'definition only', nothing: 'nothing' };
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

function chapter({ title, rows }: (typeof typeGroups)[number]): string {
  const lines = rows.map(
    ({ types, coverage, why }) => `| ${inOrder(types).join(', ')} | ${words[coverage]} | ${why} |`,
  );
  return [`## ${title}`, '', '| item types | saved | what and why |', '| --- | --- | --- |', ...lines, ''].join('\n');
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
  return [preface, ...typeGroups.map(chapter), relationships()].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(new URL('coverage.md', import.meta.url), coverage());
