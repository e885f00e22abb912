import type { Loss } from '../../archive/acceptance.ts';

/** What `repair` can do about a finding by itself. */
export type RepairStep =
  /** write a small file of the repository as it must be, if it still is what was read: this ETag, or null for none */
  | { do: 'write'; name: string; text: string; etag: string | null }
  /** make the index of a pack from the pack */
  | { do: 'index'; pack: string }
  /** take packs into the list that lie in the store and hold what is missing */
  | { do: 'list' }
  /** put the branch back to the last commit that a run recorded */
  | { do: 'branch' }
  /** put a small file of ours aside that says nothing any more */
  | { do: 'aside'; name: string }
  /** make the derived index of a member from the member's tree */
  | { do: 'derive'; tree: string }
  /** put a Git LFS object in its place that lies under another name */
  | { do: 'large'; sha256: string; from: string }
  /** fetch the item from the portal again; `instead` is the damaged blob that this may replace */
  | { do: 'fetch'; itemId: string; instead?: string };

/** Something that a verification found. Damage loses something; a notice is untidy and will be put right by the next run. */
export interface Finding {
  kind: 'damage' | 'notice';
  /** a sentence */
  what: string;
  cure: string;
  mend?: RepairStep;
  loss?: Loss;
}

/** Damage that an administrator has accepted. */
export interface Accepted extends Finding {
  reason: string;
  /** when it was accepted, ISO 8601 */
  since: string;
}

const restore =
  'copy the file from a clone or another copy of the archive, or, in Azure, promote its last good version (versioning of the storage account).';

const acceptance =
  ' If no copy has it, accept the loss: `ago-backup accept STORE_DAMAGED OBJECT --reason TEXT`, where OBJECT is its id.';

/** Something is lost or spoiled. */
export function damage(
  what: string,
  { cure, mend, loss }: { cure?: string; mend?: RepairStep | undefined; loss?: Loss | undefined } = {},
): Finding {
  const how =
    cure ??
    (mend === undefined ? `C${restore.slice(1)}` : `Run \`ago-backup repair\`. If that does not help, ${restore}`);
  return {
    kind: 'damage',
    what,
    cure: loss === undefined ? how : how + acceptance,
    ...(mend && { mend }),
    ...(loss && { loss }),
  };
}

/** Something is out of step and does no harm. */
export function notice(what: string, cure: string, mend?: RepairStep): Finding {
  return { kind: 'notice', what, cure, ...(mend && { mend }) };
}

/** Is any of it damage? */
export function isDamaged(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind === 'damage');
}
