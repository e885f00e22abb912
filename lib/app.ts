import { randomBytes } from 'node:crypto';
import { openApi } from './api/api.ts';
import type { Timeouts } from './arcgis/connection/wire.ts';
import type { Portal } from './arcgis/portal.ts';
import { noteIn } from './archive/last-archive.ts';
import { keepHold, runActive } from './archive/runs/run-holder.ts';
import { thisHost } from './archive/runs/this-host.ts';
import { isScratch, mayHoldScratch } from './archive/layout.ts';
import { sha256 } from './archive/sha256.ts';
import { openRepository } from './archive/repository.ts';
import { systemClock } from './clock.ts';
import { useProxies } from './connections.ts';
import { createPing } from './monitor/ping.ts';
import { onePerRun } from './one-per-run.ts';
import type { Replacements } from './replacements.ts';
import type { Deps } from './run/deps.ts';
import { openRestoreRuns } from './api/restore-runs.ts';
import { openRestores } from './api/restores.ts';
import type { Log } from './monitor/log.ts';
import type { RestoreDeps } from './restore/deps.ts';
import { onlyFailures } from './restore/drill/tell.ts';
import { diagnoseRestore } from './restore/diagnose.ts';
import { mayRestore, openRestorer } from './restorer.ts';
import { Lanes } from './run/lanes.ts';
import { diagnose } from './run/diagnose.ts';
import { chooseCredentials } from './settings/credentials.ts';
import { openServed } from './served.ts';
import {
  processEnvironment,
  readSchedule,
  readSettings,
  type ScheduleName,
  type Settings,
} from './settings/settings.ts';
import type { BlobStore } from './storage/blob-store.ts';
import { openStore } from './storage/open.ts';
import { withRetry } from './storage/retry.ts';
import { twoStores } from './storage/two-stores.ts';
import { onlyDamage } from './upkeep/verify/weekly.ts';
import { azureCredential } from './vault/credential.ts';
import { readSecrets } from './vault/read-secrets.ts';
import { openVault } from './vault/secrets.ts';

/** Everything that functions and the command call. Built once a worker. */
export type App = ReturnType<typeof buildApp>;

let replaced: Replacements = {};
let built: App | undefined;

/** The app of this worker. Throws SETTINGS_INVALID with every problem at once. */
export function app(): App {
  built ??= buildApp(replaced);
  return built;
}

/** Puts replacements in place; the next `app()` is built with them. */
export function replaceParts(parts: Replacements): void {
  replaced = parts;
  built = undefined;
}

/** Puts a whole app in place, as another worker has it. */
export function replaceApp(given: App): void {
  built = given;
}

/** A timer's schedule; settings that are wrong elsewhere must not keep the functions from being registered. */
export function schedule(name: ScheduleName): string {
  return readSchedule(replaced.env ?? processEnvironment(), name);
}

/** A person waits, and may ask again; a run at night is patient. */
const inPerson: Timeouts = { answer: 20_000, idle: 20_000, tries: 2, outage: 0 };

function buildApp({
  env = processEnvironment(),
  clock = systemClock,
  fetch = globalThis.fetch,
  ...given
}: Replacements) {
  // A key that opens nothing: whoever only looks asks the portal for nothing.
  const settings = readSettings(given.onlyLooks === true ? { ...env, ARCGIS_API_KEY: 'none' } : env);
  useProxies(env);
  const openAt = (address: string) => withRetry(openStore(address, { clock, credential: azureCredential }), clock);
  const archive = given.store === undefined ? openAt(settings.store) : withRetry(given.store, clock);
  const store = withScratch(archive, given.store === undefined ? scratchApart(settings, openAt) : given.scratch);
  const random = () => randomBytes(20).toString('hex');
  const vault =
    given.vault ??
    (settings.vaultUrl === undefined ? undefined : openVault(settings.vaultUrl, azureCredential(settings.vaultUrl)));
  const secrets = onePerRun((_runId) => readSecrets(settings, vault));
  const open = async (runId: string, timeouts = given.timeouts): Promise<Portal> => {
    const credentials = chooseCredentials(await secrets(runId), settings.vaultUrl);
    // Its libraries take as long to load as all the rest, and only who asks the portal needs them.
    const { openPortal } = await import('./arcgis/portal.ts');
    return openPortal({ url: settings.portalUrl, credentials, clock, fetch, ...(timeouts && { timeouts }) });
  };
  const deps: Deps = {
    rules: settings,
    store,
    // A store that was put in place has no address of its own to be remembered by.
    lastArchive: given.lastArchive ?? noteIn(given.store ? [] : settings.scratch.map(openAt), store.address),
    repository: openRepository(store, { random, clock }),
    clock,
    lanes: new Lanes(settings.concurrency),
    random,
    ...(given.atWork && { atWork: given.atWork }),
    host: () => (given.host === undefined ? thisHost(settings.appName) : Promise.resolve(given.host)),
    // One activity may take the hour that a function may take; nothing is silent for longer than twice that.
    silence: settings.exportTimeout + 2 * 3_600_000,
    portalUrl: settings.portalUrl,
    portal: onePerRun((runId) => open(runId)),
    ping: async (runId) => createPing((await secrets(runId)).HEALTHCHECKS_PING_URL, fetch),
    verifyPing: async (runId) => {
      const { HEALTHCHECKS_VERIFY_URL: own, HEALTHCHECKS_PING_URL: other } = await secrets(runId);
      return own === undefined ? onlyDamage(createPing(other, fetch)) : createPing(own, fetch);
    },
  };
  const restorer = openRestorer(settings, vault, { clock, fetch, ...(given.timeouts && { timeouts: given.timeouts }) });
  const restorerInPerson = openRestorer(settings, vault, {
    clock,
    fetch,
    timeouts: { ...inPerson, ...given.timeouts },
  });
  const inPersonDeps = { ...deps, portal: onePerRun((id) => open(id, { ...inPerson, ...given.timeouts })) };
  const drillPing = async (id: string) => {
    const { HEALTHCHECKS_DRILL_URL: own, HEALTHCHECKS_PING_URL: other } = await secrets(id);
    return own === undefined ? onlyFailures(createPing(other, fetch)) : createPing(own, fetch);
  };
  /** of one restore; signs in when it is asked for who restores */
  const restoreDeps = (id: string, log: Log): RestoreDeps => ({
    ...{ run: deps, restorer: () => restorer(id), log, drillPing },
  });
  const restores = openRestores(deps, restoreDeps);
  const api = openApi(deps, settings);
  const restoreRuns = openRestoreRuns({
    store,
    clock,
    random,
    patient: restores,
    ...(given.planAtOnce !== undefined && { planAtOnce: given.planAtOnce }),
    restores: openRestores(deps, (id, log) => ({ ...restoreDeps(id, log), restorer: () => restorerInPerson(id) })),
    elsewhere: api.elsewhere,
    active: (holder) => runActive(holder, deps.silence),
  });
  const served = openServed({ ...given, settings, vault, api, restores: restoreRuns, store, clock, random });
  return {
    settings,
    deps,
    restores,
    restoreRuns,
    restoreDeps,
    heard: keepHold(deps),
    diagnose: async function* () {
      yield* diagnose(inPersonDeps);
      if (!(await mayRestore(settings, vault))) return;
      yield* diagnoseRestore({ ...restoreDeps('doctor', () => undefined), restorer: () => restorerInPerson('doctor') });
    },
    ...served,
    ...api,
  };
}

/** What a run needs meanwhile lies apart where the archive's account would keep, and bill, every byte that was deleted. */
function scratchApart({ store, scratch: [place] }: Settings, openAt: (address: string) => BlobStore) {
  const isContainer = (address: string) => /^https?:/.test(address);
  return place !== undefined && isContainer(store) && isContainer(place) ? openAt(place) : undefined;
}

function withScratch(archive: BlobStore, scratch: BlobStore | undefined): BlobStore {
  const folder = `staging/${sha256(Buffer.from(archive.address)).slice(0, 16)}/`;
  return scratch === undefined ? archive : twoStores(archive, scratch, { isScratch, mayHoldScratch, folder });
}
