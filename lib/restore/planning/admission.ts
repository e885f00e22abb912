import type { Self } from '../../arcgis/organization/organization.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import { BackupError } from '../../errors.ts';
import type { RestoreDeps } from '../deps.ts';

/** Is it another organization than the one that was backed up? Throws RESTORE_FOREIGN when nobody said so. */
export async function refuseForeign(
  { run, restorer }: RestoreDeps,
  { head }: { head: { tree: string } | undefined },
  organization: string,
): Promise<boolean> {
  const oid = head && (await run.repository.treeAt(head.tree, 'organization/portal.json'));
  const saved =
    oid === undefined ? undefined : ((await archivedJson(run.repository, oid)) as { id?: unknown } | undefined);
  if (typeof saved?.id !== 'string' || saved.id === organization) return false;
  if ((await restorer()).isOwnPortal) return true;
  throw new BackupError(
    'RESTORE_FOREIGN',
    `The archive is of the organization ${saved.id}, and the portal is that of ${organization}.`,
  );
}

/** Throws RESTORE_READ_ONLY while the portal takes no change. https://developers.arcgis.com/rest/users-groups-and-items/portal-self/ */
export function refuseReadOnly(self: Self, url: string): void {
  if (self['isReadOnly'] === true) throw new BackupError('RESTORE_READ_ONLY', `${url} is in read-only mode.`);
}
