import { InvalidArgumentError } from 'commander';

/** What options take; commander tells who wrote it what is wrong. */

/** An option that may be repeated. */
export function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}

/** An address of an archive. Of an empty variable in a script the default archive would be meant, without a word. */
export function readStore(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty; leave the option out, or name file:PATH or a container.');
}

/** A share, 0 to 100. */
export function readPercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (text !== '' && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('It is a number from 0 to 100.');
}

/** How many at most. */
export function readLimit(text: string): number {
  const most = Number(text);
  if (text.trim() !== '' && Number.isInteger(most) && most > 0) return most;
  throw new InvalidArgumentError('It is a number above 0.');
}

/** A port; 0 = any free one. */
export function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

/** A list with commas. */
export function readList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
