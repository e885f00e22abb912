import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import { listIn } from './fields.ts';
import type { Wire } from './wire.ts';

/** Who a token belongs to, as the portal says. */
export interface Identity {
  /** undefined for an app whose owner the portal does not name */
  username: string | undefined;
  isAdmin: boolean;
  /** undefined when the portal does not list them */
  privileges: readonly string[] | undefined;
}

const user = z.looseObject({
  username: z.string().min(1),
  role: z.unknown().optional(),
  privileges: z.unknown().optional(),
});
const self = z.looseObject({
  user: user.nullish(),
  appInfo: z.looseObject({ appOwner: z.string().nullish(), privileges: z.unknown().optional() }).nullish(),
});

/**
 * Asks the portal whose token this is. Throws AUTH_ANONYMOUS when it is nobody's, AUTH_SIGN_IN when it is not accepted.
 * An app's token is asked about at portals/self: community/self may refuse it, or show its owner, who may do more than
 * the app (arcgis-rest.md 2.2).
 * @param root of the portal's REST API: …/sharing/rest
 */
export async function identify(wire: Wire, root: string, token: string, isApp: boolean): Promise<Identity> {
  const what = 'Asking who is signed in';
  const answer = await wire.json({ url: `${root}/${isApp ? 'portals' : 'community'}/self`, token, what });
  if (!isApp) {
    const found = user.safeParse(answer).data;
    if (found) return { username: found.username, ...rightsOf(found) };
  } else {
    const { user: owner, appInfo } = self.safeParse(answer).data ?? {};
    const username = owner?.username ?? appInfo?.appOwner ?? undefined;
    if (owner || appInfo) return { username, ...rightsOf(appInfo?.privileges ? appInfo : (owner ?? {})) };
  }
  throw new BackupError(
    'AUTH_ANONYMOUS',
    'The portal took the credentials, and then answers as if nobody had signed in.',
  );
}

/** Without these the listings have gaps that nothing shows. */
export const needed = ['portal:admin:viewUsers', 'portal:admin:viewItems'] as const;

/** What else a complete backup uses: private resources, and deleting its own exports from other members' content. */
export const wanted = ['portal:admin:updateItems', 'portal:admin:deleteItems'] as const;

/** Those of `privileges` that the account has not; none when the portal does not say. */
export function lacking({ isAdmin, privileges }: Identity, names: readonly string[]): string[] {
  if (isAdmin || privileges === undefined) return [];
  return names.filter((name) => !privileges.includes(name));
}

/** Throws AUTH_PRIVILEGE when the account may not see all members and their items. */
export function checkPrivileges(identity: Identity): void {
  const missing = lacking(identity, needed);
  if (missing.length === 0) return;
  const who = identity.username ?? 'of the backup';
  throw new BackupError('AUTH_PRIVILEGE', `The account ${who} lacks the privilege ${missing.join(' and ')}.`);
}

function rightsOf({ role, privileges }: { role?: unknown; privileges?: unknown }) {
  const listed = listIn(privileges);
  return { isAdmin: role === 'org_admin', privileges: listed.length > 0 ? listed : undefined };
}
