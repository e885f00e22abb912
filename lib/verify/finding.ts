/** Something that a verification found. Damage loses something; a notice is untidy and will be put right by the next run. */
export interface Finding {
  kind: 'damage' | 'notice';
  /** a sentence */
  what: string;
  cure: string;
}

const restore =
  'Promote the last good version of the blob (versioning of the storage account), or copy it from a clone or another copy of the container.';

/** Something is lost or spoiled. */
export function damage(what: string, cure = restore): Finding {
  return { kind: 'damage', what, cure };
}

/** Something is out of step and does no harm. */
export function notice(what: string, cure = 'Nothing to do: the next run puts it right.'): Finding {
  return { kind: 'notice', what, cure };
}
