/**
 * It is time to let the next part of a restore go on. No failure: nothing is given up for it, and whoever goes on looks at what is there
 * and at what the journal says, as after a kill.
 */
export class PartOver extends Error {}
