import type { Host } from './ask.ts';

/** One request that came in. */
export interface LogEntry {
  method: string;
  host: Host;
  /** without query */
  path: string;
  /** all parameters of query and form, without tokens, passwords and secrets */
  query: Record<string, string>;
  /** whose token it carried; null: anonymous or invalid */
  who: string | null;
  tokenIn: 'header' | 'query' | 'body' | null;
  referer: string | null;
  /** sent in the body of the answer */
  bytes: number;
  /** HTTP status; 0 while unanswered or cut off before an answer */
  status: number;
  /** would it change something in the portal? */
  kind: 'read' | 'write';
}

/** What counts: a predicate, or a pattern for `METHOD path`. */
export type Which = RegExp | ((entry: LogEntry) => boolean);

/** Every request, in order of arrival; ask it `log.count(/GET .*\/data$/)`. */
export class Log {
  entries: LogEntry[] = [];

  /** The entries that match; all without an argument. */
  filter(which: Which = () => true): LogEntry[] {
    return this.entries.filter((entry) =>
      which instanceof RegExp ? which.test(`${entry.method} ${entry.path}`) : which(entry),
    );
  }

  /** How many match. */
  count(which?: Which): number {
    return this.filter(which).length;
  }

  /** Forgets all requests so far. */
  clear(): void {
    this.entries = [];
  }
}

const secrets = new Set(['token', 'password', 'client_secret', 'refresh_token']);

/** Parameters as the log keeps them. */
export function withoutSecrets(params: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...params].filter(([name]) => !secrets.has(name)));
}
