import type { Door } from './door.ts';
import { roleOfPrincipal } from './principal.ts';

/**
 * The door of a server before which App Service Authentication stands: people of the directory with an app role come in by it,
 * and by a key as anywhere else. What changes something must come from the own page, as a browser says it; there is no token
 * beside that, for there may be no key to sign one with.
 * @param door what keys open
 * @param tenant id of the directory
 */
export function entraDoor(door: Door, tenant: string): Door {
  return {
    ...door,
    hasMicrosoft: true,
    session: async (comer) => {
      const byKey = await door.session(comer);
      const session = byKey === 'closed' ? undefined : byKey;
      const role = comer.principal === null ? 'none' : roleOfPrincipal(comer.principal, tenant);
      // Who also gave the operator's key may do what it allows.
      if (role === 'none' || (role === 'reader' && session?.role === 'operator')) return session;
      return { role, csrf: '', byMicrosoft: true };
    },
  };
}
