/** Makes one thing for each run and keeps only the latest run's; a failed attempt is not kept. */
export function onePerRun<T>(make: (runId: string) => Promise<T>): (runId: string) => Promise<T> {
  let kept: { runId: string; made: Promise<T> } | undefined;
  return (runId) => {
    if (kept?.runId === runId) return kept.made;
    const current = { runId, made: make(runId) };
    kept = current;
    current.made.catch(() => {
      if (kept === current) kept = undefined;
    });
    return current.made;
  };
}
