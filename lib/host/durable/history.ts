import type { HistoryEvent } from './protocol.ts';

/**
 * What has happened to an orchestration. It is sent whole at every turn, so what has been played already is kept as
 * JSON and not made again.
 */
export class History {
  #played = '';
  #fresh: HistoryEvent[] = [];
  #length = 0;

  /** events */
  get length(): number {
    return this.#length;
  }

  /** Adds an event that the orchestrator sees at the next turn, at the time `now` (epoch ms). */
  add(event: HistoryEvent, now: number): void {
    this.#fresh.push({ EventId: -1, IsPlayed: false, ...event, Timestamp: new Date(now).toISOString() });
    this.#length += 1;
  }

  /** A JSON array. */
  toJson(): string {
    const fresh = this.#fresh.map((event) => JSON.stringify(event));
    return `[${[...(this.#played === '' ? [] : [this.#played]), ...fresh].join(',')}]`;
  }

  /** The orchestrator has seen all of it. */
  markPlayed(): void {
    for (const event of this.#fresh) event.IsPlayed = true;
    this.#played = this.toJson().slice(1, -1);
    this.#fresh = [];
  }
}
