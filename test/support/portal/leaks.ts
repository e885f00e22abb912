import type { IncomingHttpHeaders } from 'node:http';
import type { State } from './state.ts';

const carriers = ['authorization', 'x-esri-authorization', 'cookie'];
const fields = ['token', 'password', 'client_secret', 'refresh_token'];

/**
 * Where a request carries credentials: the usual places whatever they hold, and every other place that holds a secret
 * of this portal. For hosts that must get none (arcgis-rest.md 9.2).
 */
export function credentialsIn(
  headers: IncomingHttpHeaders,
  params: ReadonlyMap<string, string>,
  path: string,
  { tokens }: State,
): string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    if (carriers.includes(name) || tokens.isSecretIn(String(value))) found.add(name);
  }
  for (const [name, value] of params) if (fields.includes(name) || tokens.isSecretIn(value)) found.add(name);
  if (tokens.isSecretIn(path)) found.add('path');
  return [...found];
}
