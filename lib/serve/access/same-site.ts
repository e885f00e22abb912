/**
 * Does a request that changes something come from our own page? What a browser says of itself counts first; an older one
 * names the origin; who says neither is refused. `own`: our configured origin, never one that the request names.
 * https://www.w3.org/TR/fetch-metadata/
 */
export function isFromOwnPage(headers: { fetchSite?: string; origin?: string }, own: string): boolean {
  if (headers.fetchSite !== undefined) return headers.fetchSite === 'same-origin';
  return headers.origin !== undefined && headers.origin === own;
}
