import { app, replaceParts } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Environment } from '../settings/table.ts';
import { openOldArchive } from '../takeover/old-archive.ts';
import { reportLines } from '../takeover/report.ts';
import { takeOver as takeOverInto } from '../takeover/take-over.ts';
import { showBytes, type BytesProgress } from './bytes-progress.ts';
import type { CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** What `take-over` may be asked for. */
export type TakeOverOptions = CommonOptions & { dryRun?: boolean };

/** Takes over an archive of SEMCOG/Ago_Backup. Exit status 0. */
export async function takeOver(env: Environment, { json, dryRun }: TakeOverOptions, path: string): Promise<number> {
  let progress: BytesProgress | undefined;
  const stop = () => {
    progress?.stop();
    progress = undefined;
  };
  const say = (text: string) => {
    stop();
    process.stderr.write(printable(`${text}\n`));
  };
  const expect = (bytes: number) => {
    stop();
    progress = showBytes(process.stderr, systemClock, 'copied');
    progress.expect(bytes);
  };
  try {
    const old = await openOldArchive(path, systemClock);
    replaceParts({ env });
    const tell = (bytes: number) => progress?.tell(bytes);
    const report = await takeOverInto(app().deps, old, { dryRun: dryRun === true, say, expect, tell });
    if (json === true) printJson(report);
    say(reportLines(report).join('\n'));
    return 0;
  } finally {
    stop();
  }
}
