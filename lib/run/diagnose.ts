import { numberOf, oneLine } from '../backup/words.ts';
import { lacking, wanted } from '../arcgis/connection/identity.ts';
import { BackupError, toFailure, type Failure } from '../errors.ts';
import { readHold } from '../archive/legal-hold.ts';
import { probeName, temporaryName } from '../archive/layout.ts';
import { firstFolder } from '../storage/directory/place.ts';
import { chooseMembers } from './begin/choose-members.ts';
import { refuseVanished } from '../archive/last-archive.ts';
import type { Deps } from './deps.ts';

/** One thing that a backup needs, and whether it is there. */
export interface Check {
  name: 'settings' | 'sign-in' | 'members' | 'store' | 'ping' | 'restore';
  ok: boolean;
  /** a sentence */
  text: string;
  /** what does not keep a backup from running, each a sentence */
  warnings: string[];
  failure?: Failure;
}

type Said = Pick<Check, 'text' | 'warnings'>;

/**
 * Tries everything that a run needs, one after the other: names of settings, key vault and sign-in, privileges, the
 * list of members, the store, the ping. The portal is only read; in an archive a blob is written and deleted, and where
 * none is, none is made; Healthchecks.io gets a log line, which leaves the check as it is.
 */
export async function* diagnose(deps: Deps): AsyncGenerator<Check> {
  const id = `doctor-${deps.random().slice(0, 8)}`;
  const settings = `Portal ${deps.portalUrl}, store ${deps.store.address}.`;
  yield { name: 'settings', ok: true, text: settings, warnings: [...deps.rules.unknown] };
  const signIn = yield* attempt('sign-in', async () => {
    const identity = await (await deps.portal(id)).identity();
    const missing = lacking(identity, wanted);
    const warnings =
      missing.length === 0
        ? []
        : [`The account lacks ${missing.join(' and ')}: private resources, or deleting exports, may fail.`];
    return { text: `Signed in as ${identity.username ?? 'an app'}.`, warnings };
  });
  // Else the same failure would be waited for, and told, twice.
  if (!signIn) yield { name: 'members', ok: false, text: 'Not asked, because nobody is signed in.', warnings: [] };
  else yield* attempt('members', () => checkMembers(deps, id));
  yield* attempt('store', () => checkStore(deps));
  yield* attempt('ping', async () => {
    const ping = await deps.ping(id);
    const isHeard = await ping('log', uuid(deps.random()), 'ago-backup doctor was here');
    if (isHeard) return { text: 'Healthchecks.io heard a log line.', warnings: [] };
    return {
      text: 'No ping address.',
      warnings: ['HEALTHCHECKS_PING_URL is not set: nobody will notice when the backup stops running.'],
    };
  });
}

async function checkMembers(deps: Deps, id: string): Promise<Said> {
  const portal = await deps.portal(id);
  const members = await portal.members();
  const { wanted, warnings } = await chooseMembers(deps.rules, portal, members, {});
  const text = `The portal lists ${numberOf(members.list.length, 'member')}; ${wanted.length} ${wanted.length === 1 ? 'is' : 'are'} backed up.`;
  return { text, warnings: [...(members.lacking ? [members.lacking.message] : []), ...warnings] };
}

/** Whatever is missing stays missing: the path may be misspelt. */
async function checkStore({ rules, store, repository, random, lastArchive }: Deps): Promise<Said> {
  const state = await repository.inspect();
  if (state !== 'there') await refuseVanished(lastArchive, store.address);
  const folder = state === 'empty' ? await firstFolder(store.address) : undefined;
  if (state === 'missing' || folder !== undefined) return unmade(store.address, folder);
  // One lies in the archive, the other in the scratch store where there is one.
  for (const name of [probeName(random()), temporaryName(random())]) {
    await store.put(name, Buffer.from('doctor'));
    await store.delete(name);
  }
  const head = await repository.head();
  if (head === undefined) await refuseVanished(lastArchive, store.address);
  const at = head === undefined ? 'empty' : `at commit ${head.commit.slice(0, 10)}`;
  const text = `${store.address} can be written and is ${at}.`;
  const held = rules.keepDays === undefined ? undefined : await readHold(store);
  const why = held === undefined || held.reason === '' ? '' : `: ${oneLine(held.reason)}`;
  return { text, warnings: held === undefined ? [] : [`BACKUP_KEEP has no effect: there is a legal hold${why}.`] };
}

function unmade(address: string, folder: string | undefined): Said {
  const who = folder === undefined ? 'if the identity may create containers' : `below ${folder}`;
  const warning = `There is no archive yet; the first run makes it, ${who}. If there should be one, check BACKUP_STORE.`;
  return { text: `${address} holds nothing.`, warnings: [warning] };
}

/** Tries one thing; what fails is an answer. @returns whether it is there */
export async function* attempt(name: Check['name'], check: () => Promise<Said>): AsyncGenerator<Check, boolean> {
  try {
    yield { name, ok: true, ...(await check()) };
    return true;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    const failure = toFailure(error);
    yield { name, ok: false, text: `${failure.code}: ${failure.message}`, warnings: [], failure };
    return false;
  }
}

/** Healthchecks.io takes only UUIDs as run ids. */
function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
