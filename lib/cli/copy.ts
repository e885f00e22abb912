import { randomBytes } from 'node:crypto';
import { thisHost } from '../archive/runs/this-host.ts';
import { openRepository } from '../archive/repository.ts';
import { numberOf, readable } from '../backup/words.ts';
import { systemClock } from '../clock.ts';
import { copyArchive, type CopyReport } from '../copy/copy.ts';
import { BackupError, toFailure } from '../errors.ts';
import type { Environment } from '../settings/table.ts';
import { readStoreAddress } from '../storage/address.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { openStore } from '../storage/open.ts';
import { withRetry } from '../storage/retry.ts';
import { tidyUp } from '../upkeep/maintain/maintain.ts';
import { azureCredential } from '../vault/credential.ts';
import { showBytes } from './bytes-progress.ts';
import type { CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** What `copy` may be asked for. */
export type CopyOptions = CommonOptions & { dryRun?: boolean };

const clock = systemClock;

/**
 * Copies an archive to another place, or brings a copy up to date. Exit status: 0 whole, 3 something damaged of the source was left
 * out; 2 when the target is no copy of it.
 */
export async function copy(
  _env: Environment,
  { json, dryRun = false }: CopyOptions,
  [from, to]: readonly [string, string],
): Promise<number> {
  const [source, target] = [openAt(from), openAt(to)];
  const progress = showBytes(process.stderr, clock, 'copied');
  try {
    const host = () => thisHost(undefined);
    const report = await copyArchive(source, target, { clock, host, dryRun, ...progress });
    const warnings = dryRun ? [] : await keepUp(target);
    progress.stop();
    if (json === true) printJson({ ...report, warnings });
    process.stderr.write(printable(`${[...reportLines(report), ...warnings.map((each) => `! ${each}`)].join('\n')}\n`));
    return report.damaged.length > 0 ? 3 : 0;
  } finally {
    progress.stop();
  }
}

/** Nobody else tidies up a copy: no run is made there. Trouble with it costs nothing that was copied. */
async function keepUp(store: BlobStore): Promise<string[]> {
  const random = () => randomBytes(20).toString('hex');
  try {
    await tidyUp({ store, clock, random, repository: openRepository(store, { random, clock }) });
    return [];
  } catch (error) {
    const { code, message } = toFailure(error);
    return [`The copy is whole, but could not be tidied up (${code}: ${message}); the next copy tries again.`];
  }
}

/** What a person reads at the end. */
export function reportLines({ dryRun, ...report }: CopyReport): string[] {
  const { from, to, commit, before, packs, large, bytes, damaged, accepted } = report;
  const what = [numberOf(packs, 'pack'), numberOf(large, 'large file')].join(' and ');
  const lines = [
    packs + large === 0
      ? `Nothing to copy: ${to} has every object of ${from}.`
      : `${what} (${readable(bytes)}) ${dryRun ? 'would be copied' : 'copied'} from ${from} to ${to}.`,
    `Commit ${commit}${before === commit ? ', as before' : before === null ? '' : `, before ${before}`}`,
  ];
  for (const name of accepted) lines.push(`  ${name} is damaged, and accepted as a loss: as it is`);
  for (const name of damaged) lines.push(`! ${name} is damaged in ${from}, and was not copied`);
  if (damaged.length > 0) lines.push('Run `ago-backup verify` and `ago-backup repair` there, then copy again.');
  if (dryRun) lines.push('A dry run: nothing was changed.');
  return lines;
}

/** An address as of BACKUP_STORE, or the plain path of a directory. Throws USAGE. */
function openAt(text: string): BlobStore {
  const isAddress = /^(?:file|https?):/i.test(text);
  const address = isAddress ? text : `file:${text}`;
  if (text.trim() === '' || readStoreAddress(address) === undefined)
    // Not repeated: it may hold a key that somebody put into the address.
    throw new BackupError(
      'USAGE',
      'FROM and TO are each a path, file:PATH, or the address of a container, https://ACCOUNT.blob.core.windows.net/CONTAINER.',
    );
  return withRetry(openStore(address, { clock, credential: azureCredential }), clock);
}
