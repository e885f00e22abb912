import { lacking } from '../arcgis/connection/identity.ts';
import { attempt, type Check } from '../run/diagnose.ts';
import { refuseForeign } from './planning/admission.ts';
import type { RestoreDeps } from './deps.ts';

/** What the account that restores uses, besides what every account of ours must see; what a restore really needs says its plan. */
export const restoring = [
  'portal:user:createItem',
  'portal:admin:updateItems',
  'portal:admin:reassignItems',
  'portal:admin:deleteItems',
] as const;

/** Tries what a restore begins with: sign-in, role and privileges, portal and organization. Nothing is changed. */
export async function* diagnoseRestore(deps: RestoreDeps): AsyncGenerator<Check> {
  yield* attempt('restore', async () => {
    const { portal, url } = await deps.restorer();
    const { username = '', isAdmin, ...rights } = await portal.identity();
    const self = await portal.self();
    const isElsewhere = await refuseForeign(deps, { head: await deps.run.repository.head() }, self.id);
    const missing = lacking({ username, isAdmin, ...rights }, restoring);
    const warnings = [
      ...(missing.length > 0
        ? [`The account ${username} lacks ${missing.join(' and ')}: a restore that needs one of them is not begun.`]
        : []),
      ...(isElsewhere ? [`It is another organization than that of the archive: everything is made anew there.`] : []),
      ...(self['isReadOnly'] === true
        ? ['The portal is in read-only mode: nothing can be restored until that ends.']
        : []),
    ];
    const role = isAdmin ? 'an administrator' : 'no administrator';
    return { text: `Restores as ${username}, ${role}, into ${url}, organization ${self.id}.`, warnings };
  });
}
