import type { RunRecord } from './run.ts';
import type { ContentWarning } from './warnings.ts';

/** A warning as JSON tells it: of an item or a member, or, with the code NOTICE, of the run as a whole. */
export type WarningJson = ContentWarning | { code: 'NOTICE'; itemId: null; title: ''; owner: ''; message: string };

/** A run record as `run --json` and the HTTP API tell it: all its warnings in one list. */
export type RunJson = Omit<RunRecord, 'warnings' | 'losses'> & { warnings: readonly WarningJson[] };

/** Puts the warnings of a record into one list, those of items first. */
export function recordJson({ losses, warnings, ...record }: RunRecord): RunJson {
  return { ...record, warnings: warningsJson({ losses, warnings }) };
}

/** The warnings of a record in one list. */
export function warningsJson({
  losses = [],
  warnings,
}: Pick<RunRecord, 'warnings'> & { losses?: RunRecord['losses'] | undefined }): WarningJson[] {
  const notices = warnings.map((message) => ({
    code: 'NOTICE' as const,
    itemId: null,
    title: '' as const,
    owner: '' as const,
    message,
  }));
  return [...losses, ...notices];
}
