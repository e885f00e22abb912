import type { Self } from '../../arcgis/organization/organization.ts';
import type { Planning } from './planning.ts';

/**
 * Warns where the portal says that there are no credits left: an organization without them may change what is there, and make nothing
 * (https://doc.arcgis.com/en/arcgis-online/administer/credits.htm), and a member whose budget is used up may not either. -1 = no budget.
 */
export function warnOfCredits({ warnings }: Pick<Planning, 'warnings'>, { availableCredits, user }: Self): void {
  const own = (user as { availableCredits?: unknown } | null | undefined)?.availableCredits;
  const who = isUsedUp(availableCredits) ? 'The organization' : isUsedUp(own) ? 'The account that restores' : undefined;
  if (who === undefined) return;
  const message = `${who} has no credits left: the portal may refuse to make anything new until there are some.`;
  warnings.push({ code: 'CREDITS', itemId: null, message });
}

function isUsedUp(credits: unknown): boolean {
  return typeof credits === 'number' && credits <= 0 && credits !== -1;
}
