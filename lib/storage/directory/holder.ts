import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { systemClock } from '../../clock.ts';
import { ignoring } from './errors.ts';

/**
 * A process, told from every other one, also from those of other containers that have its host name and its number.
 * Where Linux is not, from those of this machine only.
 */
export interface Holder {
  pid: number;
  /** where this number means this process, and on which machine: `boot/namespace/machine`; elsewhere `host@second of its boot` */
  place: string;
  /** when the process began, in ticks of that boot; `-` where nobody says so */
  started: string;
}

let known: Promise<Holder> | undefined;

/** This process. */
export function thisHolder(): Promise<Holder> {
  return (known ??= describe());
}

async function describe(): Promise<Holder> {
  const { pid } = process;
  const boot = await optional(fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = await optional(fs.readlink('/proc/self/ns/pid'));
  // In a container that sees the processes of another namespace, our own number is somebody else's there.
  const isOurs = (await optional(fs.readlink('/proc/self'))) === String(pid);
  const started = isOurs ? await startOf(pid) : undefined;
  if (boot === undefined || namespace === undefined || started === undefined) {
    const booted = Math.round(systemClock.now() / 1000 - uptime());
    return { pid, place: `${hostname()}@${booted}`, started: '-' };
  }
  return { pid, place: `${boot.trim()}/${namespace}/${await machine()}`, started };
}

/** Tells this machine from others, over all its boots. https://man7.org/linux/man-pages/man5/machine-id.5.html */
async function machine(): Promise<string> {
  const id = (await optional(fs.readFile('/etc/machine-id', 'utf8'))) ?? '';
  return createHash('sha256').update(`${hostname()} ${id.trim()}`).digest('hex').slice(0, 16);
}

/** The holder in a mark, which begins with `textOf` and a space; undefined when git or anybody else made it. */
export function readHolder(mark: string): Holder | undefined {
  // Version 0.1 wrote pid and host only.
  const [, pid, place, started = '-'] = /^(\d+) (\S+) (?:(\d+|-) )?\S+$/.exec(mark) ?? [];
  return pid === undefined || place === undefined ? undefined : { pid: Number(pid), place, started };
}

/** A holder as the beginning of a mark. */
export function textOf({ pid, place, started }: Holder): string {
  return `${pid} ${place} ${started}`;
}

/** Has this process surely ended? Never said of one that cannot be seen from here. No process outlives a boot of its machine. */
export async function isGone(holder: Holder, here: Holder): Promise<boolean> {
  const [theirs, ours] = [readPlace(holder.place), readPlace(here.place)];
  if (theirs.machine === ours.machine && theirs.machine !== undefined && isOtherBoot(theirs.boot, ours.boot))
    return true;
  const isHere = theirs.processes === ours.processes || theirs.processes === hostname();
  if (!isHere) return false;
  if (holder.started === '-') return !isAlive(holder.pid);
  const started = await startOf(holder.pid);
  return started === undefined ? !isAlive(holder.pid) : started !== holder.started;
}

/** A place, taken apart: where numbers of processes mean the same; which machine and which boot of it, where that is told. */
function readPlace(place: string): { processes: string; machine?: string | undefined; boot?: string | undefined } {
  const [host = '', booted] = place.split('@');
  if (booted !== undefined) return { processes: host, machine: host, boot: booted };
  const [boot = '', namespace, machine] = place.split('/');
  return { processes: namespace === undefined ? boot : `${boot}/${namespace}`, machine, boot };
}

/** Seconds by which the time of one boot may be told differently: clocks are set. */
const sameBoot = 600;

function isOtherBoot(one = '', other = ''): boolean {
  const areTimes = /^\d+$/.test(one) && /^\d+$/.test(other);
  return areTimes ? Math.abs(Number(one) - Number(other)) > sameBoot : one !== other;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: field 22; the second is a name, which may hold spaces. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await optional(fs.readFile(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function optional<T>(reading: Promise<T>): Promise<T | undefined> {
  return ignoring(['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL'], reading);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, but somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    return true;
  }
}
