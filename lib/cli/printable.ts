import { jsonLine } from '../monitor/log.ts';

/**
 * A text for a terminal, without the control characters with which a portal's text could move the cursor, hide a line or
 * write into the clipboard. Its own line ends stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ');
}

/** The one document of `--json` on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${jsonLine(value)}\n`);
}
