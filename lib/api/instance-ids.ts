/** Ids of the orchestrations of one run: known beforehand, so that it can be watched and ended. */
export function idsOf(runId: string) {
  return {
    /** of its steps */
    steps: `${runId}-run`,
    members: (lane: number) => `${runId}-members-${lane}`,
    items: (lane: number) => `${runId}-items-${lane}`,
  };
}
