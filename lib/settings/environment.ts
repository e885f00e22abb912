import type { Environment } from './table.ts';

/** What the environment gives for a name; undefined when that is nothing. */
export function given(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === undefined || text === '' ? undefined : text;
}

/** Does this process run in Azure? */
export function isInAzure(env: Environment): boolean {
  return given(env, 'WEBSITE_INSTANCE_ID') !== undefined || given(env, 'WEBSITE_SITE_NAME') !== undefined;
}

/**
 * Does App Service Authentication stand before this app? Azure itself says so; it is no setting of anybody's.
 * https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization
 */
export function hasAuthentication(env: Environment): boolean {
  return given(env, 'WEBSITE_AUTH_ENABLED')?.toLowerCase() === 'true';
}
