import { decoded } from '../../decoded.ts';
import { Refusal } from './refusal.ts';

/** Which objects a partial clone leaves out. https://git-scm.com/docs/git-rev-list#Documentation/git-rev-list.txt---filterltfilter-specgt */
export interface Filter {
  /** bytes from which on a file is left out: 0 = every file */
  blobs: number;
  /** how deep folders go, and what is in them: 0 = not even a commit's root */
  depth: number;
}

/** Nothing is left out. */
export const everything: Filter = { blobs: Infinity, depth: Infinity };

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Reads a filter. Throws Refusal for one that is not known. */
export function readFilter(spec: string): Filter {
  if (spec === 'blob:none') return { ...everything, blobs: 0 };
  const [, limit, unit = ''] = /^blob:limit=(\d{1,15})([kmg]?)$/.exec(spec) ?? [];
  if (limit !== undefined) return { ...everything, blobs: Number(limit) * (units[unit] ?? 1) };
  const depth = /^tree:(\d{1,9})$/.exec(spec)?.[1];
  if (depth !== undefined) return { ...everything, depth: Number(depth) };
  if (spec.startsWith('combine:'))
    return combined(spec.slice('combine:'.length).split('+').map(decoded).map(readFilter));
  throw new Refusal(`The filter '${spec.slice(0, 100)}' is not known here: blob:none, blob:limit=N and tree:N are.`);
}

function combined(filters: readonly Filter[]): Filter {
  return {
    blobs: Math.min(...filters.map(({ blobs }) => blobs)),
    depth: Math.min(...filters.map(({ depth }) => depth)),
  };
}
