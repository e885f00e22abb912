import type { Group } from './organization.ts';

const kinds = /\.(png|jpe?g|gif)$/i;

/** Is it the picture of a group, and not its record, by the name of its file? */
export function isPicture(name: string): boolean {
  return kinds.test(name);
}

/** What the portal calls a group's picture; undefined of a group without one. */
export function thumbnailOf({ thumbnail }: Pick<Group, string>): string | undefined {
  return typeof thumbnail === 'string' && thumbnail !== '' ? thumbnail : undefined;
}

/** The file of a group's picture in `organization/groups/`, beside that of its record. @param record the name of that */
export function pictureName(record: string, thumbnail: string): string {
  return `${baseOf(record)}${kinds.exec(thumbnail)?.[0].toLowerCase() ?? '.png'}`;
}

/** The name that the files of a group have in common. */
export function baseOf(name: string): string {
  return name.replace(kinds, '').replace(/\.json$/, '');
}
