/** An instance of this id is under way already. */
export class ConflictError extends Error {}
