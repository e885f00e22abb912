import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecretClientOptions } from '@azure/keyvault-secrets';

/** How long a connection to a service of Azure may keep us waiting, ms. */
export interface ConnectionLimits {
  /** without a byte in either direction: while it is made, while an answer or the rest of a body is waited for */
  silence: number;
  /** until a name is resolved */
  lookup: number;
}

/** Honest answers begin within seconds; four tries at a name that nobody resolves are over within 11 s. */
export const usualLimits: ConnectionLimits = { silence: 30_000, lookup: 2_000 };

/** What makes connections that end when nothing comes. */
export interface Agents {
  http: http.Agent;
  https: https.Agent;
}

/**
 * The SDKs of Azure wait for ever on a connection whose other end is gone without a word, as after an outage, and take
 * such a one from their pool for the next try as well. With these agents every connection, in use or kept, ends after so
 * much silence: the try fails with ETIMEDOUT, a body breaks off, and the SDK or we begin anew on a fresh one.
 */
export function patientAgents({ silence, lookup: most }: ConnectionLimits = usualLimits): Agents {
  // `timeout` counts bytes in both directions, and of a large write the progress.
  const options = { keepAlive: true, timeout: silence, lookup: lookupWithin(most), proxyEnv } as http.AgentOptions;
  return { http: new PatientHttp(options), https: new PatientHttps(options) };
}

/** What Node's agents and `fetch` know of proxies. https://nodejs.org/api/http.html#built-in-proxy-support */
type ProxyEnvironment = Record<string, string>;

let proxyEnv: ProxyEnvironment | undefined;
const proxyNames = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'];

/**
 * From now on every connection of this process, to portal, store, vault and ping, goes through the proxies that HTTPS_PROXY and HTTP_PROXY
 * name, but for the hosts of NO_PROXY and those that give the app of Azure its identity. Without such names nothing changes.
 * @param env also what a file of a laptop says, which Node itself does not read
 * @returns a sentence when this Node cannot do it
 */
export function useProxies(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = proxyNames.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  if (found.length === 0) return undefined;
  const without = [env['NO_PROXY'] ?? env['no_proxy'], ...identityHosts(env)].filter((each) => each);
  proxyEnv = { ...Object.fromEntries(found), NO_PROXY: without.join(',') };
  // Node 24.14 and later; a type of it comes with the types of that version.
  const { setGlobalProxyFromEnv } = http as { setGlobalProxyFromEnv?: (env: ProxyEnvironment) => unknown };
  if (setGlobalProxyFromEnv !== undefined) setGlobalProxyFromEnv(proxyEnv);
  else if (env['NODE_USE_ENV_PROXY'] !== '1')
    return `${found.map(([name]) => name).join(' and ')} cannot be honoured by this Node (${process.version}): use 24.14 or later, or set NODE_USE_ENV_PROXY=1 in the environment of 22.21, or of 24.5 and later.`;
  return undefined;
}

/** They answer this machine alone. https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
function identityHosts(env: Readonly<Record<string, string | undefined>>): string[] {
  const told = [env['IDENTITY_ENDPOINT'], env['MSI_ENDPOINT']].flatMap((url) => URL.parse(url ?? '')?.hostname ?? []);
  return ['169.254.169.254', ...told];
}

/** The agent for an address. */
export function agentFor(agents: Agents, url: string): http.Agent | https.Agent {
  return url.startsWith('https:') ? agents.https : agents.http;
}

type Policy = NonNullable<SecretClientOptions['additionalPolicies']>[number]['policy'];

/** As a policy of SDKs that are built on core-rest-pipeline; their own way to a proxy stands back behind an agent. */
export function agentPolicy(agents: Agents): Policy {
  return {
    name: 'patientAgents',
    sendRequest: (request, next) => {
      request.agent ??= agentFor(agents, request.url);
      return next(request);
    },
  };
}

class PatientHttp extends http.Agent {
  override createConnection(options: http.ClientRequestArgs, callback?: Created): Duplex | null | undefined {
    return ending(super.createConnection(options, endingLater(callback)));
  }
}

class PatientHttps extends https.Agent {
  override createConnection(options: https.RequestOptions, callback?: Created): Duplex | null | undefined {
    return ending(super.createConnection(options, endingLater(callback)));
  }
}

/** Through a proxy the connection to the other end is another one, and comes later. */
function endingLater(callback: Created | undefined): Created | undefined {
  return callback && ((error, stream) => callback(error, error === null ? (ending(stream) ?? stream) : stream));
}

type Created = (error: Error | null, stream: Duplex) => void;

function ending(connection: Duplex | null | undefined): Duplex | null | undefined {
  const socket = connection as Socket | null | undefined;
  return socket?.on('timeout', () => {
    socket.destroy(Object.assign(new Error('Nothing came in time.'), { code: 'ETIMEDOUT' }));
  });
}

type Resolved = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

type Resolver = (hostname: string, options: LookupOptions, done: Resolved) => void;

/**
 * Resolves a name, in four tries of so many ms each: the one place where that is tried again. The failure is EAI_FAIL, whatever
 * it was, because the SDKs would try again what they know, such as ENOTFOUND.
 */
export function lookupWithin(ms: number, resolve: Resolver = lookup) {
  return (hostname: string, options: LookupOptions, done: Resolved): void => {
    const attempt = (tries: number): void => {
      let isDone = false;
      const end: Resolved = (error, ...found) => {
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        if (error === null) done(null, ...found);
        else if (tries < lookups) setTimeout(() => attempt(tries + 1), ms / 2);
        else done(Object.assign(new Error(`${hostname} cannot be resolved`), { code: 'EAI_FAIL' }), '');
      };
      const timer = setTimeout(() => end(new Error('The name server does not answer.'), ''), ms);
      resolve(hostname, options, end);
    };
    attempt(1);
  };
}

const lookups = 4;

/**
 * What keeps a connection from being made and does not pass by itself: a name that nobody knows, a certificate that does
 * not hold. Undefined of every other code. Codes: https://nodejs.org/api/errors.html, https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
export function lastingTrouble(code: string): 'name' | 'certificate' | undefined {
  if (/^(?:ENOTFOUND|EAI_[A-Z]+)$/.test(code)) return 'name';
  const ofTls =
    /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO)/;
  return ofTls.test(code) ? 'certificate' : undefined;
}

/** What to do about it. */
export function troubleHint(trouble: 'name' | 'certificate', what: string): string {
  return trouble === 'name'
    ? `Check ${what} for spelling, and that this machine can resolve names.`
    : `Check that ${what} is the right address and that its certificate is valid; a certificate of your own belongs into NODE_EXTRA_CA_CERTS.`;
}
