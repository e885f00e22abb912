import { existsSync, statfsSync } from 'node:fs';

/**
 * Puts the folders that tests make into memory, where the system has a file system for it (Linux: /dev/shm). The suite makes and
 * deletes files by the hundred thousand; ext4 gives no inode out again within five seconds, and looks for another one past all
 * those just deleted (`recently_deleted` in fs/ext4/ialloc.c): that was a quarter of the suite's processor time. Whoever sets
 * TMPDIR has another folder. Works only when loaded before the tests, by `--import`.
 */
const memory = '/dev/shm';
/** Bytes that must be free there: the suite holds some 100 MB at a time, and the 64 MB of a container are too little. */
const enough = 2 * 1024 ** 3;

if (process.env['TMPDIR'] === undefined && freeBytes(memory) >= enough) process.env['TMPDIR'] = memory;

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
