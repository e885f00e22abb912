/** What happens in a run, as alerts and the workbook read it. */
export type EventName =
  | 'run.started'
  | 'members.listed'
  | 'user.checked'
  | 'items.planned'
  | 'item.saved'
  | 'item.failed'
  | 'item.gap'
  | 'item.warning'
  | 'export.waiting'
  | 'run.committed'
  | 'run.completed'
  | 'run.failed'
  | 'restore.started'
  | 'restore.item'
  | 'restore.completed'
  | 'restore.failed'
  | 'restore.stopped'
  | 'drill.completed'
  | 'drill.failed'
  | 'drill.unheard'
  | 'archive.verifying'
  | 'archive.verified'
  | 'archive.tidied';

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
  /** of a verification that goes on: what it is doing, and how much there is of what it counts */
  phase?: string;
  total?: number;
}

/** Takes log lines. */
export type Log = (event: LogEvent) => void;

/** An event as a log line. */
export function logLine(event: LogEvent): string {
  return jsonLine(event);
}

/**
 * JSON on one line, safe on a terminal. JSON.stringify escapes the usual line ends and control characters; the others, which some
 * readers take for a line end and some terminals for a command, and the direction marks are escaped here.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
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
