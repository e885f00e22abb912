import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import type { Api } from './api/api.ts';
import type { RestoreRuns } from './api/restore-runs.ts';
import type { Clock } from './clock.ts';
import { onePerRun } from './one-per-run.ts';
import { entraDoor } from './serve/access/entra-door.ts';
import { keyDoor, openDoor, type Door } from './serve/access/door.ts';
import type { Keys } from './serve/access/keys.ts';
import { openArchiveHttp } from './serve/http/archive.ts';
import { heldBackAnswer } from './serve/http/held-back.ts';
import { siteOf } from './serve/page/site.ts';
import type { Settings } from './settings/settings.ts';
import type { BlobStore } from './storage/blob-store.ts';
import { readSecrets } from './vault/read-secrets.ts';
import type { ReadSecret } from './vault/secrets.ts';

/** What an archive is served from, and to whom. */
export interface ServedParts {
  settings: Settings;
  vault: ReadSecret | undefined;
  api: Api;
  restores: RestoreRuns;
  store: BlobStore;
  clock: Clock;
  random: () => string;
  /** on the loopback address of a laptop whoever reaches it may read */
  isOpen?: boolean;
  /** nothing can be changed */
  onlyLooks?: boolean;
}

/** ms after which a key that was changed in the vault opens, and the old one does no more. */
const keysFor = 300_000;

/** The archive over HTTP: who may come in, git and Git LFS, and the page. */
export function openServed({
  settings,
  vault,
  api,
  restores,
  store,
  clock,
  random,
  isOpen = false,
  onlyLooks,
}: ServedParts) {
  const keysAt = onePerRun((_period) => readSecrets(settings, vault));
  const keys = async (): Promise<Keys> => {
    const { ARCHIVE_READ_KEY: reader, ARCHIVE_OPERATOR_KEY: operator } = await keysAt(
      String(Math.floor(clock.now() / keysFor)),
    );
    return { reader, operator };
  };
  const { hostName, isDirect, schedule } = settings;
  const origin = hostName === undefined ? undefined : `https://${hostName}`;
  const door = isOpen
    ? openDoor(random, onlyLooks === true ? 'reader' : 'operator')
    : withEntra(keyDoor({ keys, origin, clock, random }), settings.entraTenant);
  const page = async (
    request: HttpRequest,
    client: DurableClient,
    context: InvocationContext,
  ): Promise<HttpResponseInit> => {
    // Of all that starts, only a browser needs it.
    const { openPage } = await import('./serve/page/page.ts');
    // On the loopback address only this machine asks, by whatever port.
    const cloneAddress = `${origin ?? `http://${request.headers.get('host') ?? '127.0.0.1'}`}/archive.git`;
    const site = siteOf({ api, restores }, client, { now: () => clock.now(), schedule, cloneAddress });
    const answer = await openPage(site, door, request, (sentence) => context.warn(sentence));
    return heldBackAnswer(answer, context);
  };
  return { keys, page, heldBack: heldBackAnswer, archive: openArchiveHttp({ store, clock, keys, isOpen, isDirect }) };
}

function withEntra(door: Door, tenant: string | undefined): Door {
  return tenant === undefined ? door : entraDoor(door, tenant);
}
