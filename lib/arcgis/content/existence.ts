import { z } from 'zod';
import type { Client } from '../connection/client.ts';
import { didSay } from '../connection/portal-error.ts';
import { segment } from '../connection/segment.ts';

const anything = z.looseObject({});

/** Does the organization have this member? False only when the portal says that there is none. */
export function memberExists(client: Client, username: string): Promise<boolean> {
  return exists(client, `/community/users/${segment(username)}`, `Member ${username}`, /^User does not exist/i);
}

/** Is there such a group? False only when the portal says that there is none, or none for this account. */
export function groupExists(client: Client, id: string): Promise<boolean> {
  return exists(client, `/community/groups/${segment(id)}`, `Group ${id}`, /^Group does not exist/i);
}

async function exists(client: Client, path: string, what: string, denial: RegExp): Promise<boolean> {
  try {
    await client.json(anything, { path, what });
    return true;
  } catch (error) {
    if (didSay(error, ({ code, message }) => code === 400 && denial.test(message))) return false;
    throw error;
  }
}
