/** How people name what they look for; the help of several commands says it. */

export const itemForms = 'an id, the beginning of one, an address of the portal, a path of the archive, or a title';
export const timeForms = 'a day (UTC), a moment with its zone, or a span such as 3d';
export const atForms =
  'when: a commit, a day (its end, UTC), a moment with its zone, a span such as 3d, latest, or previous';
