import { BackupError, type Failure } from '../../errors.ts';
import { isMaking, type AskedMode, type ItemState, type Mode } from '../words.ts';
import type { Class } from './class.ts';

/** What decides whether and how one item is put back. */
export interface Facts {
  itemId: string;
  commit: string;
  asked: AskedMode;
  state: ItemState;
  /** as a new item, and where it is */
  classes: { anew: Class; inPlace: Class };
  /** paths of parts that the archive has damaged */
  damaged: readonly string[];
  /** the commit of the newest version that is sound; null when none was found */
  sound: string | null;
  /** why nobody of the portal can own it in the end, a sentence; null where somebody can */
  ownerless: string | null;
  /** is the target another organization than that of the archive? Then everything is new */
  isElsewhere: boolean;
}

/** How an item is put back; `blocked` says why nothing is done. */
export interface Verdict {
  mode: Mode;
  blocked: Failure | null;
}

/** Decides how an item is put back, and whether at all. */
export function judge(facts: Facts): Verdict {
  const mode = modeOf(facts);
  const error = hindrance(facts, mode);
  return { mode, blocked: error === undefined ? null : error.toJSON() };
}

function modeOf({ asked, state, isElsewhere }: Facts): Mode {
  if (isElsewhere) return asked === 'beside' ? 'beside' : 'new';
  if (asked === 'beside' || asked === 'new') return asked;
  if (state === 'bin') return 'bin';
  return asked === 'in-place' || state !== 'gone' ? 'in-place' : 'new';
}

function hindrance(facts: Facts, mode: Mode): BackupError | undefined {
  const { itemId, commit, state, classes, damaged, sound, ownerless } = facts;
  const byHand = `Take its files with \`ago-backup get ${itemId} --at ${commit.slice(0, 10)} --to DIR\`, or GET /api/items/${itemId}/versions/${commit.slice(0, 10)}/zip.`;
  if (state === 'unknown')
    return new BackupError(
      'RESTORE_UNSURE',
      'The portal does not say whether the item is there, and what may be there is not made again.',
    );
  const fit = isMaking(mode) ? classes.anew : classes.inPlace;
  if (fit.is === 'refused') return new BackupError('RESTORE_CLASS', fit.why, { hint: byHand });
  if (damaged.length > 0) {
    const other = sound === null ? byHand : `The newest sound version is that of commit ${sound}: --at ${sound}.`;
    const text = `The archive has parts of this version damaged: ${damaged.slice(0, 5).join(', ')}.`;
    return new BackupError('RESTORE_DAMAGED', text, { hint: `${other} \`ago-backup verify\` says more.` });
  }
  if (mode === 'in-place' && state === 'gone')
    return new BackupError(
      'RESTORE_GONE',
      'The item is not in the portal any more, so it cannot be put back in place.',
      {
        hint: 'Ask for --mode auto or --mode new.',
      },
    );
  if (ownerless !== null) return new BackupError('RESTORE_OWNER', ownerless);
  return undefined;
}
