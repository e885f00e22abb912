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
  /** does it show the rows of others? */
  isView: boolean;
  /** the name of a service that is made; null of anything else */
  service: string | null;
  owner: string;
  folder: string;
  /** are rows put back by emptying layers first? */
  emptiesRows?: boolean;
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
  settings: 'lets people do with it what they could',
  folder: 'puts it back into its folder',
  sharing: 'shares it as before',
  relations: 'relates it to what it belonged to',
  protection: 'protects it as before',
};

/** Where what is made belongs, and what a service that was made says of itself. */
const always = new Set<AspectName>(['folder', 'settings']);
const ofServices = new Set<AspectName>(['definition', 'rows', 'settings']);

/** The steps that put one item back. */
export function stepsOf(facts: StepFacts): PlannedStep[] {
  if (isMaking(facts.mode)) return making(facts);
  const found: PlannedStep[] =
    facts.mode === 'bin' ? [{ step: 'undelete', danger: 1, what: 'takes it out of the recycle bin' }] : [];
  // What it holds after that shows only then.
  const isService = facts.manifest.parts.some(({ role }) => role === 'layers');
  const isMeant = (name: AspectName) => isService && (name !== 'rows' || !facts.isView);
  const ofBin = aspectNames.filter((name) => !ofServices.has(name) || isMeant(name));
  const parts = facts.mode === 'bin' ? ofBin : aspectNames.filter((name) => isDifferent(facts, name));
  for (const step of parts) {
    if (!facts.only.has(step)) continue;
    const what = facts.differences.filter(({ part }) => part === step).map((each) => each.what);
    const danger = step === 'rows' && facts.emptiesRows === true ? 3 : 2;
    found.push({ step, danger, what: `${words[step]}${what.length > 0 ? `: ${some(what)}` : ''}` });
  }
  return found;
}

function isDifferent({ differences }: StepFacts, name: AspectName): boolean {
  return differences.some(({ part, equivalent }) => part === name && equivalent !== true);
}

function making({
  mode,
  manifest,
  only,
  isProtected,
  status,
  isView,
  service,
  owner,
  folder,
}: StepFacts): PlannedStep[] {
  const has = (role: string) => manifest.parts.some((part) => part.role === role);
  const lies = folder === noFolder ? owner : `${owner}, folder ${folder}`;
  const create = mode === 'beside' ? 'makes a private copy' : 'makes it anew';
  const called = service === null ? '' : `, the service ${service}`;
  const steps: PlannedStep[] = [{ step: 'create', danger: 1, what: `${create}${called}, of ${lies}` }];
  const wanted: Record<AspectName, boolean> = {
    definition: has('layers'),
    rows: has('layers') && !isView,
    data: has('data'),
    resources: has('resource'),
    info: manifest.parts.some(({ role, path }) => role === 'info' && /^info\/(?!iteminfo\.xml$)/.test(path)),
    thumbnail: has('thumbnail'),
    metadata: has('metadata'),
    record: true,
    status: mode === 'new' && status !== '',
    settings: has('layers'),
    folder: true,
    sharing: mode === 'new',
    relations: mode === 'new' && has('related'),
    protection: mode === 'new' && isProtected,
  };
  for (const step of aspectNames)
    if (wanted[step] && (only.has(step) || always.has(step))) steps.push({ step, danger: 1, what: words[step] });
  return steps;
}

function some(what: readonly string[]): string {
  return what.length > 3 ? `${what.slice(0, 3).join(', ')} and ${what.length - 3} more` : what.join(', ');
}
