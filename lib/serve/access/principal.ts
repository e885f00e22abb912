import { z } from 'zod';
import type { Role } from './keys.ts';

/** What App Service Authentication says of who signed in. https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities */
const principal = z.object({
  auth_typ: z.literal('aad'),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** Names of a claim, in the token and as App Service may hand it on. */
const roleClaims = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
const tenantClaims = ['tid', 'http://schemas.microsoft.com/identity/claims/tenantid'];

/** Signs of a header; people in many groups have long ones. */
const longest = 64 * 1024;

/**
 * The app role of who signed in with Microsoft Entra. To be asked only where App Service Authentication is on: there it
 * writes this header, and nobody else can; anywhere else anybody may have written it.
 * @param header X-MS-CLIENT-PRINCIPAL
 * @param tenant the only directory whose people count
 */
export function roleOfPrincipal(header: string, tenant: string): Role {
  if (header.length > longest) return 'none';
  const found = principal.safeParse(decoded(header));
  if (!found.success) return 'none';
  const { claims } = found.data;
  const valuesOf = (names: string[]) => claims.filter(({ typ }) => names.includes(typ)).map(({ val }) => val);
  const tenants = valuesOf(tenantClaims);
  if (tenants.length === 0 || tenants.some((each) => each.toLowerCase() !== tenant.toLowerCase())) return 'none';
  const roles = valuesOf(roleClaims);
  if (roles.includes('Operator')) return 'operator';
  return roles.includes('Reader') ? 'reader' : 'none';
}

function decoded(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString()) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
