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
