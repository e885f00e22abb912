import type { Layer, Service } from './words.ts';

/** Why a layer cannot be emptied by truncating; undefined: it can (restore.md 2.1). */
export function truncateRefused({ viewOf, capabilities }: Service, layer: Layer): string | undefined {
  if (viewOf !== null || layer.source) return 'Truncate is not supported by views.';
  if (/\bSync\b/.test(capabilities)) return 'Truncate is not supported while sync is enabled.';
  const relationships = (layer.definition?.['relationships'] ?? []) as { role?: string }[];
  const isOrigin = relationships.some(({ role }) => role === 'esriRelRoleOrigin');
  return isOrigin ? 'Truncate is not supported by the origin of a relationship.' : undefined;
}
