/** What happens in a run, as alerts and the workbook read it. */
export type EventName =
  | 'run.started'
  | 'members.listed'
  | 'user.checked'
  | 'items.planned'
  | 'item.saved'
  | 'item.failed'
  | 'export.waiting'
  | 'run.committed'
  | 'run.completed'
  | 'run.failed';

/** One log line. Never a title, a token, or an address with a query. */
export interface LogEvent {
  event: EventName;
  runId: string;
  user?: string;
  itemId?: string;
  code?: string;
  ms?: number;
  bytes?: number;
  /** to the portal */
  requests?: number;
  /** items to do, done or found, where the event counts something */
  count?: number;
  outcome?: string;
}

/** Takes log lines. */
export type Log = (event: LogEvent) => void;

/** One JSON object on one line: JSON.stringify escapes every line end. */
export function logLine(event: LogEvent): string {
  return JSON.stringify(event);
}

/** The event in a log line, or undefined when the line is something else. */
export function readLogLine(line: string): LogEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as LogEvent;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
