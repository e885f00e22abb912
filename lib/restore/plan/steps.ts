import type { Manifest } from '../../backup/item.ts';
import { aspectNames, isMaking, noFolder } from '../words.ts';
import type { AspectName, Difference, Mode, PlannedStep } from '../words.ts';

/** What the steps of one item follow from. */
export interface StepFacts {
  mode: Mode;
  manifest: Manifest;
  /** where the living item is not as the version says; of one that does not live, none */
  differences: readonly Difference[];
  /** what is put back at all */
  only: ReadonlySet<AspectName>;
  isProtected: boolean;
  /** what the organization thought of it; '' = nothing */
  status: string;
  owner: string;
  folder: string;
}

const words: Readonly<Record<AspectName, string>> = {
  definition: 'puts back its layers, fields and symbols',
  rows: 'puts back its rows',
  data: 'puts back its data',
  resources: 'puts back the files beside it',
  info: 'puts back files about it',
  thumbnail: 'puts back its thumbnail',
  metadata: 'puts back its metadata',
  record: 'puts back what is written about it',
  status: 'marks it as the organization did',
  folder: 'puts it back into its folder',
  sharing: 'shares it as before',
  relations: 'relates it to what it belonged to',
  protection: 'protects it as before',
};

/** The steps that put one item back. */
export function stepsOf(facts: StepFacts): PlannedStep[] {
  if (isMaking(facts.mode)) return making(facts);
  const found: PlannedStep[] =
    facts.mode === 'bin' ? [{ step: 'undelete', danger: 1, what: 'takes it out of the recycle bin' }] : [];
  // What it holds after that shows only then.
  const parts = facts.mode === 'bin' ? aspectNames : aspectNames.filter((name) => isDifferent(facts, name));
  for (const step of parts) {
    if (!facts.only.has(step)) continue;
    const what = facts.differences.filter(({ part }) => part === step).map((each) => each.what);
    found.push({ step, danger: 2, what: `${words[step]}${what.length > 0 ? `: ${some(what)}` : ''}` });
  }
  return found;
}

function isDifferent({ differences }: StepFacts, name: AspectName): boolean {
  return differences.some(({ part, equivalent }) => part === name && equivalent !== true);
}

function making({ mode, manifest, only, isProtected, status, owner, folder }: StepFacts): PlannedStep[] {
  const has = (role: string) => manifest.parts.some((part) => part.role === role);
  const lies = folder === noFolder ? owner : `${owner}, folder ${folder}`;
  const create = mode === 'beside' ? 'makes a private copy' : 'makes it anew';
  const steps: PlannedStep[] = [{ step: 'create', danger: 1, what: `${create}, of ${lies}` }];
  const wanted: Record<AspectName, boolean> = {
    definition: has('layers'),
    rows: false,
    data: has('data'),
    resources: has('resource'),
    info: manifest.parts.some(({ role, path }) => role === 'info' && /^info\/(?!iteminfo\.xml$)/.test(path)),
    thumbnail: has('thumbnail'),
    metadata: has('metadata'),
    record: true,
    status: mode === 'new' && status !== '',
    folder: true,
    sharing: mode === 'new',
    relations: mode === 'new' && has('related'),
    protection: mode === 'new' && isProtected,
  };
  for (const step of aspectNames)
    if (wanted[step] && (only.has(step) || step === 'folder')) steps.push({ step, danger: 1, what: words[step] });
  return steps;
}

function some(what: readonly string[]): string {
  return what.length > 3 ? `${what.slice(0, 3).join(', ')} and ${what.length - 3} more` : what.join(', ');
}
