import { randomBytes } from 'node:crypto';
import type { InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { openPortal, type Portal } from './arcgis/portal.ts';
import type { Timeouts } from './arcgis/connection/wire.ts';
import { createHealth } from './api/health.ts';
import { instancesOf } from './api/instances.ts';
import { cancelRun, forgetOldRuns, recentRuns, startRun, startVerify, statusOf, type RunsParts } from './api/runs.ts';
import type * as M from './backup/messages.ts';
import type { RunRequest } from './backup/item.ts';
import { systemClock, type Clock } from './clock.ts';
import { isCode, type Failure } from './errors.ts';
import { headName } from './git/layout.ts';
import { openRepository } from './archive/repository.ts';
import { logLine, type Log } from './monitor/log.ts';
import { createPing } from './monitor/ping.ts';
import { beginRun } from './run/begin/begin-run.ts';
import { acceptChecks, checkUser } from './run/check/check-user.ts';
import { diagnose } from './run/diagnose.ts';
import { endedRuns, startOf } from './archive/run-history.ts';
import { deleteExport, pollExport, startExport } from './run/save/start-export.ts';
import { failRun } from './run/finish/fail-backup.ts';
import { finishRun } from './run/finish/finish-backup.ts';
import { noteIn, type ArchiveNote } from './archive/last-archive.ts';
import { saveOrganization } from './run/organization/save-organization.ts';
import type { Parts } from './run/deps.ts';
import { planRun, readItemPage, readMemberPage } from './run/plan/plan-run.ts';
import { emptyRecord, readRecord } from './archive/run-record.ts';
import { saveItem } from './run/save/save-item.ts';
import type { Secret } from './secret.ts';
import {
  chooseCredentials,
  processEnvironment,
  readSchedule,
  readSettings,
  type Environment,
  type Settings,
} from './settings/settings.ts';
import { definitions, type SecretName } from './settings/table.ts';
import type { BlobStore } from './storage/blob-store.ts';
import { openStore } from './storage/open.ts';
import { withRetry } from './storage/retry.ts';
import { azureCredential } from './vault/credential.ts';
import { onlyDamage, verifyArchive, type VerifyParts } from './upkeep/verify/weekly.ts';
import { openVault, type ReadSecret } from './vault/secrets.ts';

/** What a test or the command puts in the place of the real thing; everything else is built from the settings. */
export interface Replacements {
  env?: Environment;
  clock?: Clock;
  fetch?: typeof globalThis.fetch;
  store?: BlobStore;
  vault?: ReadSecret;
  lastArchive?: ArchiveNote;
  /** how long the portal may take to answer */
  timeouts?: Timeouts;
}

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

/** Puts a whole app in place: for simulations, whose steps only take time. */
export function replaceApp(given: App): void {
  built = given;
}

/** A person waits, and may ask again; a run at night is patient. */
const inPerson: Timeouts = { answer: 20_000, idle: 20_000, tries: 2 };

/** A timer's schedule; settings that are wrong elsewhere must not keep the functions from being registered. */
export function schedule(name: 'BACKUP_SCHEDULE' | 'VERIFY_SCHEDULE'): string {
  return readSchedule(replaced.env ?? processEnvironment(), name);
}

function buildApp({
  env = processEnvironment(),
  clock = systemClock,
  fetch = globalThis.fetch,
  ...given
}: Replacements) {
  const settings = readSettings(env);
  const openAt = (address: string) => withRetry(openStore(address, { clock, credential: azureCredential }), clock);
  const store = given.store === undefined ? openAt(settings.store) : withRetry(given.store, clock);
  const random = () => randomBytes(20).toString('hex');
  const vault =
    given.vault ?? (settings.vaultUrl === undefined ? undefined : openVault(settings.vaultUrl, azureCredential()));
  const secrets = onePerRun((_runId) => readSecrets(settings, vault));
  const open = async (runId: string, timeouts = given.timeouts): Promise<Portal> => {
    const credentials = chooseCredentials(await secrets(runId), settings.vaultUrl);
    return openPortal({ url: settings.portalUrl, credentials, clock, fetch, ...(timeouts && { timeouts }) });
  };
  const parts: Parts = {
    rules: settings,
    store,
    // A store that was put in place has no address of its own to be remembered by.
    lastArchive: given.lastArchive ?? noteIn(given.store ? [] : settings.scratch.map(openAt), store.address),
    repository: openRepository(store, { random, clock }),
    clock,
    random,
    portalUrl: settings.portalUrl,
    portal: onePerRun((runId) => open(runId)),
    ping: async (runId) => createPing((await secrets(runId)).HEALTHCHECKS_PING_URL, fetch),
  };
  const verifying: VerifyParts = {
    store,
    ping: async (runId) => {
      const { HEALTHCHECKS_VERIFY_URL: own, HEALTHCHECKS_PING_URL: other } = await secrets(runId);
      return own === undefined ? onlyDamage(createPing(other, fetch)) : createPing(own, fetch);
    },
  };
  return {
    settings,
    parts,
    diagnose: () => diagnose({ ...parts, portal: onePerRun((id) => open(id, { ...inPerson, ...given.timeouts })) }),
    verifyArchive: (input: M.RunStep, context: InvocationContext) => verifyArchive(verifying, input, logTo(context)),
    startVerify: (client: DurableClient) => startVerify({ clock, random }, instancesOf(client)),
    ...steps(parts),
    ...runs(parts, settings),
  };
}

/** The steps of a run, as the activities call them. */
function steps(parts: Parts) {
  return {
    begin: (input: M.RunInput, context: InvocationContext) => beginRun(parts, input, logTo(context)),
    readMembers: (input: M.LanePage) => readMemberPage(parts, input),
    readItems: (input: M.LanePage) => readItemPage(parts, input),
    check: (input: M.CheckInput, context: InvocationContext) => checkUser(parts, input, logTo(context)),
    acceptChecks: (input: M.AcceptInput) => acceptChecks(parts, input),
    saveOrganization: (input: M.RunStep) => saveOrganization(parts, input),
    plan: (input: M.PlanInput, context: InvocationContext) => planRun(parts, input, logTo(context)),
    save: (input: M.SaveInput, context: InvocationContext) => saveItem(parts, input, logTo(context)),
    startExport: (input: M.ExportInput, context: InvocationContext) => startExport(parts, input, logTo(context)),
    pollExport: (input: M.PollInput, context: InvocationContext) => pollExport(parts, input, logTo(context)),
    deleteExport: (input: M.ExportingInput) => deleteExport(parts, input),
    finish: (input: M.FinishInput, context: InvocationContext) => finishRun(parts, input, logTo(context)),
    fail: (input: M.FailInput, context: InvocationContext) => failRun(parts, input, logTo(context)),
  };
}

/** Starting and watching runs, as the timer and the routes call it. */
function runs(parts: Parts, settings: Settings) {
  const { store, clock, random } = parts;
  /** What is said of a run whose record the store could not take. */
  const lostRecord = (runId: string, error: Failure) =>
    emptyRecord({ runId, started: startOf(runId) }, 'failed', clock.now(), error);
  const runsParts: RunsParts = {
    clock,
    random,
    // One activity may take the hour that a function may take; nothing is silent for longer than twice that.
    silence: settings.exportTimeout + 2 * 3_600_000,
    concurrency: settings.concurrency,
    readRecord: (runId) => ifStoreIsThere(readRecord(store, runId), undefined),
    lostRecord,
    endedRuns: (most) => ifStoreIsThere(endedRuns(store, most), []),
    recordEnd: async (runId, started, error) =>
      (await failRun(parts, { runId, started, failure: error.toJSON() }, () => undefined)).outcome,
  };
  return {
    startRun: (client: DurableClient, request: RunRequest) => startRun(runsParts, instancesOf(client), request),
    forgetOldRuns: (client: DurableClient) => forgetOldRuns(runsParts, instancesOf(client)),
    statusOf: (client: DurableClient, runId: string) => statusOf(runsParts, instancesOf(client), runId),
    recentRuns: (client: DurableClient) => recentRuns(runsParts, instancesOf(client)),
    cancelRun: (client: DurableClient, runId: string) => cancelRun(runsParts, instancesOf(client), runId),
    readRecord: (runId: string) => readRecord(store, runId),
    lostRecord,
    isHealthy: createHealth(clock, () => store.stat(headName)),
  };
}

/** A container that the first run has yet to make holds no records: that is no trouble. */
async function ifStoreIsThere<T, N>(asked: Promise<T>, none: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (isCode(error, 'STORE_MISSING')) return none;
    throw error;
  }
}

function logTo(context: InvocationContext): Log {
  return (event) => {
    context.log(logLine(event));
  };
}

/** Secrets from the environment, and from the vault what the environment does not have. */
async function readSecrets(
  settings: Settings,
  vault: ReadSecret | undefined,
): Promise<Partial<Record<SecretName, Secret>>> {
  if (vault === undefined) return settings.secrets;
  const found: Partial<Record<SecretName, Secret>> = { ...settings.secrets };
  for (const [name, definition] of Object.entries(definitions)) {
    if (!('vault' in definition) || found[name as SecretName] !== undefined) continue;
    const secret = await vault(definition.vault);
    if (secret !== undefined) found[name as SecretName] = secret;
  }
  return found;
}

/** Makes one thing for each run and keeps only the latest run's; a failed attempt is not kept. */
function onePerRun<T>(make: (runId: string) => Promise<T>): (runId: string) => Promise<T> {
  let kept: { runId: string; made: Promise<T> } | undefined;
  return (runId) => {
    if (kept?.runId === runId) return kept.made;
    const current = { runId, made: make(runId) };
    kept = current;
    current.made.catch(() => {
      if (kept === current) kept = undefined;
    });
    return current.made;
  };
}
