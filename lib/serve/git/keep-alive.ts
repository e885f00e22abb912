import type { Clock } from '../../clock.ts';

/** ms of silence after which a proxy might think that nobody is there; as git's own server has it. https://git-scm.com/docs/git-config#Documentation/git-config.txt-uploadpackkeepAlive */
const longestSilence = 5000;

/** How somebody is kept listening. */
interface Keeping {
  clock: Pick<Clock, 'sleep'>;
  /** a sign of life */
  sign: () => Uint8Array;
  /** is aborted when nobody listens any more */
  over: AbortController;
}

/** A body, with a sign of life wherever it says nothing for five seconds. */
export async function* keptAlive(
  body: AsyncGenerator<Uint8Array>,
  { clock, sign, over }: Keeping,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const next = body.next();
      while (!(await comes(next, clock))) yield sign();
      const piece = await next;
      if (piece.done === true) return;
      yield piece.value;
    }
  } finally {
    over.abort();
    await body.return(undefined);
  }
}

/** Does it come before the silence has lasted too long? */
async function comes(next: Promise<unknown>, clock: Pick<Clock, 'sleep'>): Promise<boolean> {
  const over = new AbortController();
  const silence = clock.sleep(longestSilence, over.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([next.then(() => true), silence]);
  } finally {
    over.abort();
  }
}
