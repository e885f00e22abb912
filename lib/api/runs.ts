import type { RunHolder } from '../archive/runs/run-holder.ts';
import type { RunJson } from '../backup/record-json.ts';
import type { LinePlace, RunRecord } from '../backup/run.ts';
import type { Clock } from '../clock.ts';
import type { BackupError, Failure } from '../errors.ts';

/** How often a run that is being ended, or started, is looked at before it is given up, once a second. */
export const mostLooks = 60;

/** One fixed id, so that never two runs are under way. */
export const singleton = 'ago-backup';

/** The same of restores. */
export const oneRestore = `${singleton}-restore`;

/** How far a run is that is under way. */
export interface RunProgress {
  phase: string;
  /** members or items at their end, well or badly */
  done: number;
  total: number;
  failed: number;
  /** fetched by then */
  bytes: number;
  /** of the item, or the member, that is under way for longest; null where none is, or nobody can say */
  title: string | null;
  /** how many more are saved together with that item */
  others: number;
  /** by the pace of this phase; null while that cannot be said */
  secondsLeft: number | null;
  /** since anything of it was heard of last: a large item may take many minutes */
  secondsSilent: number;
}

/** A run as GET /api/backups/{id} answers it; `where` names the other host that makes it, of which no progress is seen here. */
export type RunStatus =
  | ({ runId: string; status: 'running'; started: number; where?: string } & RunProgress)
  | ({ status: RunRecord['outcome']; phase: 'end'; done: number; total: number } & RunJson);

/** What starting and watching runs needs. */
export interface RunsDeps {
  clock: Clock;
  random: () => string;
  /** ms of silence after which a run is dead */
  silence: number;
  /** how many lanes a run has at most */
  lanes: { members: number; items: number };
  readRecord(runId: string): Promise<RunRecord | undefined>;
  /** the title of an item that is under way, by the place of its line; undefined where it is not there any more */
  titleAt(place: LinePlace): Promise<string | undefined>;
  /** which warnings somebody has taken note of, by their ids, and when, epoch ms */
  acknowledged(): Promise<ReadonlyMap<string, number>>;
  /** what is said of a run that has ended without a record */
  lostRecord(runId: string, error: Failure): RunRecord;
  /** ids of the runs that ended, newest first */
  endedRuns(most: number): Promise<string[]>;
  /** writes the record of a run that ended without one, and pings; how the run ended by the record that counts */
  recordEnd(runId: string, started: number, error: BackupError): Promise<string>;
  /** the run that another host has under way on this archive */
  elsewhere(): Promise<RunHolder | undefined>;
}
