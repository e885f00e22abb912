import { app, replaceParts } from '../app.ts';
import { readable } from '../backup/report.ts';
import { systemClock } from '../clock.ts';
import type { Environment } from '../settings/table.ts';
import { openOldArchive } from '../takeover/old-archive.ts';
import { reportLines } from '../takeover/report.ts';
import { takeOver as takeOverInto } from '../takeover/take-over.ts';
import type { CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** What `take-over` may be asked for. */
export type TakeOverOptions = CommonOptions & { dryRun?: boolean };

/** Takes over an archive of SEMCOG/Ago_Backup. Exit status 0. */
export async function takeOver(env: Environment, { json, dryRun }: TakeOverOptions, path: string): Promise<number> {
  const say = (text: string) => void process.stderr.write(printable(`${text}\n`));
  const old = await openOldArchive(path, systemClock);
  replaceParts({ env });
  let bytes = 0;
  let told = 0;
  const report = await takeOverInto(app().deps, old, {
    dryRun: dryRun === true,
    say,
    tell: (more) => {
      bytes += more;
      if (bytes - told < aStep) return;
      told = bytes;
      say(`  ${readable(bytes)} copied`);
    },
  });
  if (json === true) printJson(report);
  say(reportLines(report).join('\n'));
  return 0;
}

/** Bytes after which a person hears that it goes on. */
const aStep = 1024 ** 3;
