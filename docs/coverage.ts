import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { typeGroups } from '../lib/backup/types.ts';

const words = { all: 'all of it', definition: 'its definition', nothing: 'nothing' };

/** docs/coverage.md, made from the table in lib/backup/types.ts: `node docs/coverage.ts` writes it. */
export function coverage(): string {
  const parts = typeGroups.map(({ title, coverage: saved, why, types }) => {
    const sorted = [...types].sort((a, b) => a.localeCompare(b, 'en'));
    return `## ${title}: ${words[saved]}\n\n${why}\n\n${sorted.join(' · ')}\n`;
  });
  const common = [
    '# What is saved of each item type',
    '',
    'Made from `lib/backup/types.ts` by `node docs/coverage.ts`; a test keeps the two together.',
    '',
    'Of every item: its record, sharing with all groups, metadata, thumbnail, all resources (private ones too, where the account may',
    'read them), info files, and its relationships. A type that is not listed here is saved with everything it offers, and the run reports it.',
    '',
  ];
  return [...common, ...parts].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(new URL('coverage.md', import.meta.url), coverage());
