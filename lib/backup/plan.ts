/** Where a found item's line lies, and how heavy it is. */
export interface Work {
  itemId: string;
  /** name of the blob with the line */
  blob: string;
  /** bytes */
  start: number;
  /** bytes */
  length: number;
  step: 'save' | 'refresh' | 'export';
  /** it takes long, and an earlier run has not got through with it */
  begun?: true;
  /** any unit that grows with the time it takes */
  weight: number;
}

/** How long an item may take, in megabytes it might as well download. An export waits on the portal, whatever its size. */
export function weightOf(step: Work['step'], size: number): number {
  const megabytes = Math.max(0, size) / 1_048_576;
  if (step === 'refresh') return 1;
  return step === 'export' ? 200 + 2 * megabytes : 2 + megabytes;
}

/**
 * Deals work out to at most `lanes` lanes: the heaviest first, each to the lane with the least so far, so that no lane
 * is left alone with a heavy item at the end. The same work gives the same lanes in any order of arrival.
 */
export function dealOut(work: readonly Work[], lanes: number): Work[][] {
  const heaviestFirst = [...work].sort((a, b) => b.weight - a.weight || (a.itemId < b.itemId ? -1 : 1));
  const dealt = Array.from({ length: Math.min(lanes, work.length) }, () => ({ load: 0, work: [] as Work[] }));
  for (const each of heaviestFirst) {
    const lightest = dealt.reduce((a, b) => (b.load < a.load ? b : a));
    lightest.work.push(each);
    lightest.load += each.weight;
  }
  return dealt.map((lane) => lane.work);
}

/**
 * The lanes of a run's items: those of exports apart, for they mostly wait, and what waits must not keep a lane from saving
 * other items.
 */
export function dealLanes(work: readonly Work[], { concurrency, exports }: { concurrency: number; exports: number }) {
  const { export: waiting = [], rest = [] } = Object.groupBy(work, ({ step }) => (step === 'export' ? step : 'rest'));
  return [...dealOut(waiting, exports), ...dealOut(rest, concurrency)];
}

/**
 * Items on one page of a lane. Few, for every event of an orchestration replays all those before it; an export makes several
 * times as many events as an item that is saved together with others.
 */
const onPage = { exports: 25, others: 100 };

/** A lane's work, page by page. */
export function pagesOf(lane: readonly Work[]): Work[][] {
  const size = lane.some(({ step }) => step === 'export') ? onPage.exports : onPage.others;
  return Array.from({ length: Math.ceil(lane.length / size) }, (_, n) => lane.slice(n * size, (n + 1) * size));
}

/** Items of one message: each call of an activity stays in its lane's history, with all of its input. */
const mostAtOnce = 50;

/** The items that are saved together next: an export stands alone. */
export function nextItems<T extends Pick<Work, 'step'>>(left: readonly T[]): readonly T[] {
  const end = left.findIndex(({ step }) => step === 'export');
  if (end === 0) return left.slice(0, 1);
  return left.slice(0, Math.min(mostAtOnce, end === -1 ? left.length : end));
}

/** Deals members out to at most `lanes` lanes, one after the other: how much a member owns is not known yet. */
export function dealMembers<T>(members: readonly T[], lanes: number): T[][] {
  const dealt = Array.from({ length: Math.min(lanes, members.length) }, (): T[] => []);
  members.forEach((member, n) => dealt[n % dealt.length]?.push(member));
  return dealt;
}

/** Where a found item's line lies. */
export type WorkRef = Pick<Work, 'itemId' | 'blob' | 'start' | 'length' | 'step' | 'begun'>;
