import { oneLine, readable, titleOf } from '../backup/words.ts';
import type { Clock } from '../clock.ts';
import type { LogEvent } from '../monitor/log.ts';
import { span } from './minutes.ts';

/** An item that somebody is at. */
export interface AtWork {
  id: string;
  title: string | null;
}

/** Exports that are named at a time. */
const mostNamed = 3;

/** What a run has come to so far, from what is heard of it. */
export class Tally {
  phase: 'members' | 'items' = 'members';
  done = 0;
  total = 0;
  bytes = 0;
  readonly #clock: Clock;
  #found = 0;
  /** of the phase, epoch ms */
  #began: number;
  readonly #titles = new Map<string, string>();
  readonly #exporting = new Set<string>();
  #latest: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** Log lines have no titles; what is being worked at is told apart from them. */
  work({ id, title }: AtWork): void {
    this.#titles.set(id, titleOf({ itemId: id, title: title ?? '' }));
    this.#latest = id;
  }

  hear(event: LogEvent): void {
    if (event.event === 'run.started' || event.event === 'members.listed') this.total = event.count ?? 0;
    if (event.event === 'user.checked') {
      this.#found += event.count ?? 0;
      this.done += 1;
    }
    if (event.event === 'items.planned') this.#beginItems(event.count ?? this.#found);
    if (event.event === 'export.waiting' && event.itemId !== undefined) this.#exporting.add(event.itemId);
    if (event.event === 'item.saved' || event.event === 'item.failed') this.#end(event);
  }

  /** Bytes, their rate, time left, and what is being worked at. */
  get notes(): string[] {
    const seconds = (this.#clock.now() - this.#began) / 1000;
    const rate = this.bytes > 0 && seconds > 0 ? [`${readable(Math.round(this.bytes / seconds))}/s`] : [];
    const isUnderWay = this.done > 0 && this.done < this.total;
    const left = isUnderWay ? [`${span((seconds / this.done) * (this.total - this.done))} left`] : [];
    const exports = [...this.#exporting].slice(0, mostNamed).map((id) => this.#named(id));
    const at =
      exports.length > 0 ? [`exporting ${exports.join(', ')}`] : this.#latest ? [this.#named(this.#latest)] : [];
    return [...(this.bytes > 0 ? [readable(this.bytes)] : []), ...rate, ...left, ...at];
  }

  /** For a log: `items: 120 of 3400, 1.2 GB, 3.1 MB/s, 12 min left, Parcels`. */
  get line(): string {
    return [`${this.phase}: ${this.done} of ${this.total}`, ...this.notes].join(', ');
  }

  #beginItems(total: number): void {
    this.phase = 'items';
    this.done = 0;
    this.total = total;
    this.#began = this.#clock.now();
  }

  #end({ itemId = '', bytes = 0 }: LogEvent): void {
    this.done += 1;
    this.bytes += bytes;
    this.#exporting.delete(itemId);
    this.#titles.delete(itemId);
    if (this.#latest === itemId) this.#latest = undefined;
  }

  /** A title could carry sequences of a terminal. */
  #named(id: string): string {
    return oneLine(this.#titles.get(id) ?? id, 60);
  }
}
