import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { matches } from '../backup/leave-out.ts';
import { numberOf, oneLine, readable } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { namedCommit, readAt, type At } from '../history/at.ts';
import { confirm } from '../history/confirm.ts';
import { findItem, type Haystack } from '../history/find-item.ts';
import { takeOut, type TakenItem, type Target } from '../history/get/take-out.ts';
import { openFolder } from '../history/get/target-folder.ts';
import { zipFile, zipInto } from '../history/get/target-zip.ts';
import { versionAt, type Seen } from '../history/version-at.ts';
import type { Environment } from '../settings/table.ts';
import { chunks } from '../storage/json-blobs.ts';
import type { CommonOptions } from './environment.ts';
import { withHistory, type OpenHistory } from './history.ts';
import { printable, printJson } from './printable.ts';

/** Options of `get`. */
export interface GetOptions extends CommonOptions {
  at: string;
  to?: string;
  zip?: string;
  user: string[];
  all?: boolean;
  overwrite?: boolean;
}

/** Takes items out as files. Exit status 0; 3 when a part is damaged: the others are there. */
export async function get(env: Environment, options: GetOptions, items: readonly string[]): Promise<number> {
  refuseUnclear(options, items);
  return withHistory(env, (open) => getFrom(open, options, items));
}

async function getFrom(
  { archive, history, now }: OpenHistory,
  options: GetOptions,
  items: readonly string[],
): Promise<number> {
  const at = readAt(options.at, now);
  const versions = await choose({ archive, history }, at, options, items);
  for await (const group of chunks(versions, 16)) await Promise.all(group.map((version) => confirm(archive, version)));
  let taken: { items: TakenItem[]; bytes: number } = { items: [], bytes: 0 };
  await into(options, async (target) => void (taken = await takeOut(archive, versions, target)));
  if (options.json === true) printJson(taken);
  process.stderr.write(printable(`${endLines(taken, options).join('\n')}\n`));
  return taken.items.some(({ files }) => files.some(({ ok }) => !ok)) ? 3 : 0;
}

function refuseUnclear({ to, zip, all, user, json }: GetOptions, items: readonly string[]): void {
  const refuse = (message: string) => new BackupError('USAGE', message);
  if (items.length === 0 && user.length === 0 && all !== true) throw refuse('Name the items, or --user, or --all.');
  if ((to === undefined) === (zip === undefined)) throw refuse('Name where they go: either --to DIR or --zip FILE.');
  if (to?.trim() === '' || zip?.trim() === '') throw refuse('Where they go is empty.');
  if (zip !== '-') return;
  if (json === true) throw refuse('--zip - and --json both want standard output.');
  if (process.stdout.isTTY) throw refuse('--zip - writes a zip to standard output, which is a terminal here.');
}

async function choose(
  haystack: Haystack,
  at: At,
  { user, all }: GetOptions,
  items: readonly string[],
): Promise<Seen[]> {
  const { history } = haystack;
  const commit = namedCommit(history, at);
  const chosen = new Map<string, Seen>();
  for (const item of items) {
    const id = await findItem({ ...haystack, at: commit }, item);
    chosen.set(id, versionAt(history, id, at));
  }
  if (all !== true && user.length === 0) return [...chosen.values()];
  const patterns = all === true ? ['*'] : user;
  for (const [id, { after }] of history.latest(commit)) {
    if (after === undefined || !patterns.some((pattern) => matches(pattern, after.owner))) continue;
    if (!chosen.has(id)) chosen.set(id, versionAt(history, id, at));
  }
  if (chosen.size === 0) throw new BackupError('ITEM_UNKNOWN', `There was no item of ${patterns.join(', ')}.`);
  return [...chosen.values()];
}

async function into({ to = '', zip, overwrite = false }: GetOptions, fill: (target: Target) => Promise<void>) {
  const random = randomBytes(20).toString('hex');
  if (zip === '-') return zipInto(process.stdout, 'standard output', fill);
  if (zip !== undefined) return zipFile(zip, { overwrite, random }, fill);
  const target = await openFolder(to, { overwrite, random });
  const interrupt = () => {
    rmSync(target.workspace, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await fill(target);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await target.close();
  }
}

function endLines({ items, bytes }: { items: TakenItem[]; bytes: number }, { to, zip }: GetOptions): string[] {
  const files = items.flatMap((item) => item.files);
  const whole = files.filter(({ ok }) => ok).length;
  const where = zip === '-' ? 'standard output' : (zip ?? to ?? '');
  const bad = files.filter(({ ok }) => !ok).map(({ path, message = 'is damaged' }) => `! ${oneLine(path)} ${message}`);
  const cure = bad.length > 0 ? ['Run `ago-backup verify`, then `ago-backup repair`.'] : [];
  return [
    `${numberOf(items.length, 'item')}, ${numberOf(whole, 'file')}, ${readable(bytes)}, checked, in ${oneLine(where)}`,
    ...bad,
    ...cure,
  ];
}
