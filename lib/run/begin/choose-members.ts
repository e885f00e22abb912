import { numberOf } from '../../backup/words.ts';
import type { Member } from '../../arcgis/organization/members.ts';
import type { Listed } from '../../arcgis/connection/list-all.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { isWanted, matches, type LeaveOut } from '../../backup/leave-out.ts';
import type { Item } from '../../backup/item.ts';
import type { RunRequest } from '../../backup/run.ts';
import { BackupError } from '../../errors.ts';

/** Items of a member that a request names. */
export interface AskedOf {
  username: string;
  items: string[];
}

/** Whom a run walks. */
export interface Chosen {
  wanted: Member[];
  /** the items that the request names, by owner; null = it names none, and all are looked at */
  asked: AskedOf[] | null;
  /** patterns of BACKUP_USERS that fit nobody, a sentence each */
  warnings: string[];
}

/**
 * The members that the settings allow, or those that the request names: who is named is walked whatever the settings say,
 * and a pattern with `*` chooses among those whom the settings allow. A run that would walk nobody is a mistake, and must
 * not pass for a backup. Throws USAGE, SETTINGS_INVALID and ITEM_GONE; of a list that is lacking what it lacks, for whoever is
 * missing may be there.
 */
export async function chooseMembers(
  rules: LeaveOut,
  portal: Portal,
  { list: members, lacking }: Listed<Member>,
  request: RunRequest,
): Promise<Chosen> {
  const items: Item[] = [];
  for (const itemId of request.items ?? []) items.push(await itemOf(portal, itemId));
  const asked = [...(request.users ?? []), ...items.map(({ owner }) => owner)];
  if (asked.length === 0) return allowedBy(rules, members, lacking);
  const fits = (name: string, { username }: Member) =>
    matches(name, username) && (!name.includes('*') || isWanted(username, rules));
  const unknown = asked.filter((name) => !members.some((member) => fits(name, member)));
  if (unknown.length > 0 && lacking) throw lackingOf(lacking, unknown);
  if (unknown.length > 0) {
    throw new BackupError('USAGE', `The organization has no member named ${unknown.join(', ')}.`, {
      hint: 'Check the spelling of the username; the portal lists them under Organization, Members. * stands for any characters.',
    });
  }
  const wanted = members.filter((member) => asked.some((name) => fits(name, member)));
  return { wanted, asked: items.length === 0 ? null : askedOf(wanted, items), warnings: [] };
}

function askedOf(members: readonly Member[], items: readonly Item[]): AskedOf[] {
  return members.map(({ username }) => ({
    username,
    items: items.filter(({ owner }) => matches(owner, username)).map(({ id }) => id),
  }));
}

function allowedBy(rules: LeaveOut, members: readonly Member[], lacking: BackupError | undefined): Chosen {
  const wanted = members.filter(({ username }) => isWanted(username, rules));
  const idle = rules.users.filter((pattern) => !members.some(({ username }) => matches(pattern, username)));
  if (wanted.length === 0 && lacking) throw lackingOf(lacking, idle);
  if (wanted.length === 0 && members.length > 0) throw nobody(rules, idle, members.length);
  const warnings = idle.map(
    (pattern) => `BACKUP_USERS names ${pattern}, and the organization has no such member. Check the spelling.`,
  );
  return { wanted, asked: null, warnings };
}

/** Whoever is not listed may be one of those who could not be read. */
function lackingOf({ code, message, hint }: BackupError, names: readonly string[]): BackupError {
  const whom = names.length > 0 ? ` ${names.join(', ')}` : '';
  return new BackupError(code, `Nobody to back up${whom} was found in a list that is not whole. ${message}`, { hint });
}

function nobody({ users }: LeaveOut, idle: readonly string[], count: number): BackupError {
  const isMisspelt = users.length > 0 && idle.length === users.length;
  const [setting, what] = isMisspelt
    ? ['BACKUP_USERS', `${users.join(', ')} is none of them`]
    : ['BACKUP_SKIP_USERS', 'it leaves out everybody'];
  return new BackupError(
    'SETTINGS_INVALID',
    `${setting}: of ${numberOf(count, 'member')} nobody would be backed up: ${what}.`,
    {
      hint: `Correct ${setting}: usernames as the portal lists them under Organization, Members; * stands for any characters.`,
    },
  );
}

async function itemOf(portal: Portal, itemId: string): Promise<Item> {
  const item = await portal.item(itemId);
  if (item === undefined) throw new BackupError('ITEM_GONE', `The portal has no item ${itemId}, or does not show it.`);
  return item;
}
