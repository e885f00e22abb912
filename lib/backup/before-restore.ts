const words = 'Before restore ';

/** The subject of a commit that holds what a restore is about to replace. */
export function beforeRestore(restoreId: string): string {
  return `${words}${restoreId}`;
}

/** Does a commit hold what a restore is about to replace? By it the restore can be taken back. */
export function isBeforeRestore(message: string): boolean {
  return message.startsWith(words);
}
